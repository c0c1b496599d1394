"""What the product writes to customers: the language of its codes, and the texts shipped and changed.

registry    every code in one table, found by name in `codes` and written by `writing`
parsing     a text as words, codes and loops, with what is wrong in it; read once, kept
rendering   the tree as words, for HTML or for SMS; `markup` keeps HTML harmless
reviewing   what its author should look at, and what must not go by SMS
facts       what codes can say, loaded for many customers at once by `loading`
composing   all of it together: `compose(source, facts, channel, language)`
shipping    the texts of the product; `storing` knows which were changed

To send: `loading.for_bookings(ids, loading.needed(source), at=now())`, then `compose` for each, and nothing where
`Composed.unfit` holds anything.
"""

"""The comparators and their levels: how far two customers agree in one respect.

A level is a small number, 0 always means that one side or both say nothing. Which levels depend on how many customers
bear the value (equal names, equal mailboxes) is said by FREQUENT.
"""

from __future__ import annotations

from enum import IntEnum


class First(IntEnum):
    """First names."""

    UNKNOWN = 0
    SAME = 1
    PET = 2  # short for the same name, or another spelling of it
    SOUND = 3
    SLIP = 4
    INITIAL = 5
    SWAPPED = 6  # the one's first name is the other's last name, and the other way round
    MIDDLE = 7  # the one's first name is a middle name of the other
    ALIKE = 8
    OTHER = 9


class Last(IntEnum):
    """Last names."""

    UNKNOWN = 0
    SAME = 1
    SOUND = 2
    SLIP = 3
    PART = 4  # a double or married name: the one's last name is a middle name of the other, or they share one
    ALIKE = 5
    OTHER = 6
    SWAPPED = 7  # one of both names stands where the other name stands on the other side
    MAILBOX = 8  # the one's last name stands in the mailbox of the other, whose name is another


class Middle(IntEnum):
    """Middle names."""

    UNKNOWN = 0
    SAME = 1
    INITIAL = 2
    OTHER = 3


class Email(IntEnum):
    """Mailboxes, given whether the names are alike: people make mailboxes from their names."""

    UNKNOWN = 0
    SAME = 1
    DOTS = 2  # one mailbox that is written with other dots; people mostly write theirs in one way
    LOCAL = 3  # before the @
    ALIKE = 4
    OTHER = 5
    SAME_OTHER_NAME = 6
    LOCAL_OTHER_NAME = 7
    ALIKE_OTHER_NAME = 8
    OTHER_OTHER_NAME = 9


class Phone(IntEnum):
    """Telephone numbers, whichever field they stand in."""

    UNKNOWN = 0
    MOBILE = 1
    TELEPHONE = 2
    CROSSWISE = 3
    BOTH = 4
    SLIP = 5
    OTHER_MOBILE = 6
    OTHER_TELEPHONE = 7


class Address(IntEnum):
    """Addresses."""

    UNKNOWN = 0
    SAME = 1
    OTHER_FLAT = 2
    OTHER_PLACE = 3  # street and house agree, postal code and town do not
    ALIKE = 4  # spelled in another way
    STREET = 5  # another house
    POSTAL_CODE = 6
    TOWN = 7
    OTHER = 8
    POSTAL_CODE_ALONE = 9  # nothing else is known
    STREET_ALONE = 10  # one house number is not known


class Birth(IntEnum):
    """Dates of birth."""

    UNKNOWN = 0
    SAME = 1
    DAY_AND_MONTH = 2  # in the other order
    SLIP = 3
    TWO_PARTS = 4
    YEAR = 5
    OTHER = 6


COMPARATORS: dict[str, type[IntEnum]] = {
    "first": First, "last": Last, "middle": Middle, "email": Email, "phone": Phone, "address": Address, "birth": Birth,
}  # fmt: skip
"""By the name that weights and reasons use, in the order of their characters in `Found.levels`."""


class Frequency(IntEnum):
    """What is counted over a base: values by which two customers may agree just by chance."""

    NONE = 0
    NAME = 1  # a first or last name
    SOUND = 2  # how a first or last name sounds
    EMAIL = 3
    MAILBOX = 4  # before the @
    PHONE = 5
    ADDRESS = 6
    POSTAL_CODE = 7
    BIRTH = 8
    NAMES = 9  # first and last name together
    STREET = 10  # in its postal district


FREQUENT: dict[str, dict[int, Frequency]] = {
    "first": {First.SAME: Frequency.NAME, First.PET: Frequency.SOUND, First.SOUND: Frequency.SOUND,
              First.SWAPPED: Frequency.SOUND},
    "last": {Last.SAME: Frequency.NAME, Last.SOUND: Frequency.SOUND, Last.SWAPPED: Frequency.SOUND},
    "middle": {},
    "email": {Email.SAME: Frequency.EMAIL, Email.SAME_OTHER_NAME: Frequency.EMAIL,
              Email.DOTS: Frequency.MAILBOX, Email.LOCAL: Frequency.MAILBOX,
              Email.LOCAL_OTHER_NAME: Frequency.MAILBOX},
    "phone": {Phone.MOBILE: Frequency.PHONE, Phone.TELEPHONE: Frequency.PHONE, Phone.CROSSWISE: Frequency.PHONE,
              Phone.BOTH: Frequency.PHONE},
    "address": {Address.SAME: Frequency.ADDRESS, Address.OTHER_FLAT: Frequency.ADDRESS,
                Address.STREET: Frequency.STREET, Address.STREET_ALONE: Frequency.STREET,
                Address.POSTAL_CODE: Frequency.POSTAL_CODE, Address.POSTAL_CODE_ALONE: Frequency.POSTAL_CODE},
    "birth": {Birth.SAME: Frequency.BIRTH},
}  # fmt: skip

VALUES = ("first", "full", "last", "last_sound", "email", "phone", "address", "birth", "names", "turned_names")
"""What two customers can agree on, in the order in which it stands beside their levels: the values by which a base is
counted, and the whole name of one in both orders."""

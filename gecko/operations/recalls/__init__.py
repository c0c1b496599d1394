"""Recall: customers who are signed up for a service at intervals are asked back, or are found to have booked already.

signing_up  sign-ups, and what staff change about them
templates   what kinds of recall there are
dates       the dates of a sign-up
holding     locks, and the step from one time to the next
running     what the nightly run does with each sign-up whose date is near
reaching    over which channel a customer can be reached, or why not, and what is written
following   what became of messages and bookings afterwards
deciding    what staff decide about a time that is due
erasing     what is left of those of a customer who is erased
printing    letters
reading     lists, and who has no active sign-up
"""

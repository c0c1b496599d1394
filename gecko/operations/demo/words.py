"""What else the demo installation is drawn from: firms, notes, therapists, shops; nobody in particular."""

from __future__ import annotations

FIRMS = (
    ("Nordlys", "Entreprise A/S"),
    ("Havblik", "Hotel ApS"),
    ("Søgaard", "Transport A/S"),
    ("Bøgelund", "VVS ApS"),
    ("Østjysk", "Revision"),
    ("Fjordens", "Fiskehus ApS"),
    ("Granhøj", "Tømrer & Snedker"),
    ("Lillebælt", "Logistik A/S"),
    ("Solsikken", "Børnehus ApS"),
    ("Vestkystens", "El-service ApS"),
    ("Kærgården", "I/S"),
    ("Ålborg", "Maskinværksted A/S"),
    ("Mølleåens", "Arkitekter ApS"),
    ("Rosenlund", "Ejendomme A/S"),
    ("Skagerrak", "Shipping A/S"),
    ("Klokkeblomst", "ApS"),
    ("Birkholm", "Advokater P/S"),
    ("Æblehaven", "Gartneri ApS"),
    ("Storebælt", "Konsulenter ApS"),
    ("Tårnby", "Taxi ApS"),
    ("Hedens", "Dyrehospital ApS"),
    ("Sønderjysk", "Byg A/S"),
    ("Limfjordens", "Bådebyggeri ApS"),
    ("Himmelbjerget", "IT ApS"),
)
PUBLIC_BODIES = (
    "Aarhus Kommune, Social og Sundhed",
    "Odense Kommune, Beskæftigelse",
    "Aalborg Kommune, Ældre og Handicap",
    "Københavns Kommune, Sundhed",
    "Vejle Kommune, Arbejdsmarked",
    "Region Midtjylland",
    "Region Syddanmark",
    "Esbjerg Kommune, Jobcenter",
    "Randers Kommune, Træning",
    "Roskilde Kommune, Socialforvaltning",
)
NOTES = (
    "Foretrækker tider om formiddagen.",
    "Kommer med bus, ring hvis tiden ændres.",
    "Ønsker kvittering på e-mail.",
    "Parkerer i gården.",
    "Flyttet fra Odense i foråret.",
    "Har altid sin hund med.",
    "Vil gerne have samme behandler.",
)
IMPORTANT_NOTES = (
    "Allergisk over for latex.",
    "Har pacemaker.",
    "Må ikke kontaktes på arbejdet.",
    "Bruger kørestol: stue 2.",
    "Gravid, termin i foråret.",
    "Tåler ikke parfume.",
)
ALLERGIES = ("Ingen kendte", "Nikkel", "Latex", "Parfume", "Hårfarve", "Plaster")
THERAPISTS = ("Mette", "Søren", "Åse", "Ingen ønsker")
SHOPS = ("Webshop", "Webshop, ordre 4711", "Messe i Fredericia", "Gammelt kassesystem")

"""What is generally known about names in Denmark: short and pet names, particles, titles, and how names sound.

General knowledge, taken from no list of persons. A name stands in one group only; where a short form serves several
names it stands with the one it most often means. English and other European short names are here because the
customers of a Danish business bear them, too.
"""

from __future__ import annotations

import re
from functools import lru_cache

from .word_lists import words

PARTICLES = words(
    """
    von van de der den af la le du da di del della dos das zu zur zum ten ter el al bin ibn of the und og
    """
)
TITLES = words(
    """
    hr fru frk dr mr mrs ms miss sir lady lord dame prof professor ing cand herr frau baron baroness baronet earl
    duke duchess count countess viscount marquess prince princess rev reverend
    """
)
GENERATIONS = words("jr jun junior sr sen senior ii iii iv")

_GROUPS = """
peter per peder pete petter pelle peer piotr pedro pietro pierre
johannes hannes johs
johan johann
john johnny jonny jon johnnie johny
jonathan jonatan jonny
christian kristian krist kristjan cristian
christoffer kristoffer stoffer christopher chris kristopher
michael mikael mikkel mike micke mick mikkael michal miguel
mathias matthias matias mattias matthew matt mats
lars lasse lauritz laurits laurids
niels nils nis
nikolaj nicolai nicolaj nikolai nicolas nicholas nick nicklas niklas nicky nik
klaus claus
andreas andrew andy drew
rasmus erasmus ras
henrik henry harry hendrik heinrich hank
frederik fredrik frede fred freddy frederick freddie friedrich
frits fritz
alexander alex aleksander sander alec aleksandar sasha sascha
sebastian bastian basse seb
benjamin ben benny bennie
daniel dan danny daniele
thomas tom tommy tomas tommie
tobias tobi
jakob jacob jake jacques jakub
joakim joachim jokum jochen
kasper casper kaspar
gustav gus gustaf
oscar oskar
victor viktor vic
william vilhelm wilhelm bill billy will willy willie liam
robert bob rob bobby robbie
richard rikard dick rick ricky rich
steffen stefan stephan steven steve stephen stefano steffan
svend sven
erik eric erick eirik
ole oluf olaf olav
karl carl kalle charles charlie carlo carlos chuck
poul paul povl paal paulo pavel
knud knut
axel aksel
anton toni tony antonius anthony antonio ant
marcus markus mark marc marco
philip filip phillip phil philippe felipe
samuel sam sammy
leonard leo len lenny lennart
edward ed eddie eddy edvard ted teddy eduard
james jim jimmy jamie jimmi jimmie
joseph joe josef joey jose
timothy tim timmy
joshua josh
zachary zac zach zak zachariah
gregory greg gregor
kenneth ken kenny kennet
ronald ron ronnie ronni ronny
donald don donny
lawrence larry laurence
vincent vince vincenzo
raymond ray
gerald gerry jerry jeremy
patrick paddy patrik
dominic dominik dom
maximilian max maks
emanuel manuel manny
theodor theo theodore
valdemar waldemar
bertil bert albert bertel
jonas jonah
lukas lucas luke luca luka
mohammed muhammad mohamed muhammed mohammad mohamad mohd muhamed mehmet
ahmed ahmad ahmet
hussein hussain husein hossein huseyin
yousef yusuf youssef yousuf yosef
mustafa mustapha moustafa
ibrahim ebrahim
krzysztof krzys
tomasz tomek
anna anne ane ann annie anni annika anneke ana
maria marie mia maja mie mary mari maj marija
margrethe grethe margit margaret grete maggie margarethe margareta marguerite peggy meg
merete merethe
kirsten kirstine stine kristine christine kristina christina tina stina christa krista kirstin cristina
katrine cathrine katharina trine kate kathrine katarina catherine katherine kathryn kathy cathy catrine katie
karen karin caren carin
elisabeth lis lise lisbeth elisa lisa betty else elsebeth elizabeth liz lizzie beth lisbet lizbeth eliza
johanne hanne johanna hanna hannah
susanne sanne susan susie sus suzanne sussi susanna sue
charlotte lotte lotta charlot
caroline line karoline carolina carrie
helene lene helena elena helen elene
magdalene malene magda madeleine magdalena
josefine josephine josie fine
birgitte gitte birgit brigitte bitten birgitta
dorthe dorte dorothea dorthea thea dorothy
henriette jette henny jet
annette nete anette anett
jeanette nette janette jannette jeannette
ingeborg inge inga
sofie sophie sofia sophia fie zofia
rikke frederikke rikka fredrika ulrikke ulrikka
pernille nille pernilla
camilla milla kamilla camille
cecilie cille cecilia sille cecil cicilie
emilie emily emmy emilia milie
emma em
isabella bella isabel isabelle izabella
louise lovise lulu luise louisa
mathilde tilde mathilda matilda tilda matilde
alexandra sandra aleksandra sandy
victoria viktoria vicky vicki tori
benedikte dikte benedicte
amalie malie amalia amelia
natalie nathalie natalia natasja natascha natasha
theresa terese tessa teresa therese tess
rebecca rebekka bekka becky bekah rebeka
patricia pat trish patty tricia
jennifer jenny jenni jen jennie
jessica jess jessie
barbara babs barb
deborah debbie debra deb
samantha samanta sammie
kimberly kimberley
alison allison
abigail abby gail abbie
jacqueline jackie jacquelyn
pamela pam
penelope penny
veronica veronika
gabriella gabriela gaby gabi gabrielle
valerie valeria val
stephanie steffi stefanie stefani steph
angela angelika angie angelica
monica monika mona
ulla ursula
vibeke wibeke
fatima fatma fatme fatimah
aisha ayse ayesha aicha aysha
zeinab zainab zeynep zaynab
malgorzata gosia
agnieszka aga
ewa eva eve
nanna nana
signe signy
sigrid siri
astrid asta
"""

_VOWELS = "aeiouyæøå"
_INITIAL_VOWEL = {"a": "a", "å": "a", "e": "e", "æ": "e", "i": "i", "y": "i", "o": "o", "ø": "o", "u": "u"}
_LETTER_CLASS = {"c": "k", "q": "k", "z": "s", "w": "v", "y": "i"}
_SOUNDS: tuple[tuple[str, str], ...] = (
    ("sch", "s"), ("sh", "s"), ("sj", "s"), ("chr", "kr"), ("ch", "k"), ("ck", "k"), ("ph", "f"), ("th", "t"),
    ("gh", "g"), ("qu", "kv"), ("q", "k"), ("x", "ks"), ("w", "v"), ("tz", "s"), ("z", "s"), ("hj", "j"), ("hv", "v"),
    ("gj", "g"), ("kj", "k"), ("dt", "t"), ("ds", "s"), ("nd", "n"), ("ld", "l"),
)  # fmt: skip
_SOFT_C = re.compile(r"c(?=[eiyæø])")
_DOUBLED = re.compile(r"(.)\1+")
_SILENT = re.compile(f"(?<=.)[{_VOWELS}hj]")


def canonical(word: str) -> str:
    """One spelling for aa/å, ae/æ and oe/ø, a letter each. `word` is folded already."""
    return word.replace("aa", "å").replace("ae", "æ").replace("oe", "ø")


_CLASS = {
    canonical(name): canonical(group.split()[0])
    for group in reversed(_GROUPS.strip().splitlines())
    for name in group.split()
}


def full_name(name: str) -> str:
    """The name that a short or pet name stands for (`mikkel` and `mike` give `michael`), or the name itself."""
    return _CLASS.get(name, name)


@lru_cache(maxsize=1 << 16)
def sound(name: str) -> str:
    """How a canonical name sounds to a Danish ear: Christian as Kristian, Schmidt as Smidt, Jensson as Jensen."""
    if len(name) < 2:
        return ""
    heard = name
    for letters, sounds_like in _SOUNDS:
        if letters in heard:
            heard = heard.replace(letters, sounds_like)
    if "c" in heard:
        heard = _SOFT_C.sub("s", heard).replace("c", "k")
    heard = _INITIAL_VOWEL.get(heard[0], heard[0]) + _SILENT.sub("", heard)[1:]
    return _DOUBLED.sub(r"\1", heard)


def initial(name: str) -> str:
    """The letter that an initial of `name` would be compared by; K stands for C, too."""
    return _LETTER_CLASS.get(name[0], name[0])

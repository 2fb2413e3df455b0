"""What names, streets and towns are composed of. The parts are ordinary words; no company and no person is meant."""

from __future__ import annotations

FIRST = (
    "Norr", "Söder", "Öster", "Väster", "Berg", "Björk", "Gran", "Ek", "Lind", "Alm", "Rönn", "Sjö", "Å", "Strand", "Havs",
    "Skogs", "Ängs", "Kvarn", "Sten", "Silver", "Guld", "Järn", "Malm", "Hög", "Låg", "Fjäll", "Dal", "Storm", "Vind", "Sol",
    "Måne", "Stjärn", "Tall", "Hassel", "Kråk", "Örn", "Falk", "Svan", "Räv", "Älg",
)  # fmt: skip
SECOND = (
    "vik", "holm", "sund", "näs", "torp", "by", "lunda", "hult", "fors", "ström", "stad", "borg", "gård", "kulla", "mark",
    "åker", "hamra", "boda", "köp", "rud", "sjö", "bäck", "bro", "å", "ö",
)  # fmt: skip
TRADES = (
    "Bygg", "El", "Rör", "Måleri", "Plåt", "Transport", "Åkeri", "Städ", "Redovisning", "Juridik", "Konsult", "Data", "IT",
    "Fastigheter", "Förvaltning", "Invest", "Mekaniska", "Verkstad", "Bil", "Däck", "Livs", "Café", "Restaurang", "Hotell",
    "Möbler", "Trädgård", "Skog", "Maskin", "Energi", "VVS", "Tandvård", "Vård", "Utbildning", "Reklam", "Tryck", "Golv",
    "Tak", "Glas", "Lås", "Säkerhet", "Golv & Kakel", "Bygg & Montage", "El & Tele", "Mark & Anläggning",
)  # fmt: skip
GIVEN = (
    "Anna", "Åsa", "Börje", "Carina", "David", "Elin", "Fredrik", "Gunnel", "Hans", "Ingrid", "Johan", "Karin", "Lars", "Maria",
    "Nils", "Olof", "Per", "Rut", "Sven", "Tova", "Ulf", "Viktor", "Ylva", "Östen", "Ali", "Fatima", "Mikael", "Sofia", "Lena",
    "Göran", "Björn", "Märta", "Stig", "Eva", "Jan", "Emma", "Oskar", "Linnéa", "Hugo", "Amir",
)  # fmt: skip
FAMILY_SECOND = ("berg", "ström", "gren", "qvist", "lund", "mark", "blad", "fors", "stedt", "dahl", "man", "ell", "én", "sson")
STREETS = ("gatan", "vägen", "gränd", "stigen", "allén", "torget", "backen", "leden", "plan", "esplanaden")
STREET_ABBREVIATIONS = {"gatan": "g", "vägen": "v", "gränd": "gr", "stigen": "st", "torget": "t"}
TOWNS = (
    # Town, the first three digits of its post codes, area code, share of the companies.
    ("Stockholm", ("111", "112", "113", "114", "118"), "08", 22), ("Göteborg", ("411", "412", "413", "416"), "031", 14),
    ("Malmö", ("211", "212", "213", "214"), "040", 9), ("Uppsala", ("752", "753", "754"), "018", 5),
    ("Linköping", ("581", "582", "583"), "013", 4), ("Örebro", ("702", "703"), "019", 4), ("Västerås", ("721", "722"), "021", 4),
    ("Helsingborg", ("252", "254"), "042", 4), ("Norrköping", ("602", "603"), "011", 3), ("Jönköping", ("553", "554"), "036", 3),
    ("Umeå", ("903", "904"), "090", 3), ("Lund", ("222", "223"), "046", 3), ("Borås", ("503", "504"), "033", 3),
    ("Sundsvall", ("852", "853"), "060", 2), ("Gävle", ("802", "803"), "026", 2), ("Växjö", ("352", "353"), "0470", 2),
    ("Luleå", ("972", "973"), "0920", 2), ("Kalmar", ("392", "393"), "0480", 2), ("Östersund", ("831",), "063", 2),
    ("Falun", ("791",), "023", 2), ("Visby", ("621",), "0498", 1), ("Kiruna", ("981",), "0980", 1),
    ("Ängelholm", ("262",), "0431", 1),
    ("Åmål", ("662",), "0532", 1), ("Ödåkra", ("254",), "042", 1),
)  # fmt: skip
ABROAD = (
    # Country, towns, post code pattern (# is a digit), the shape of its VAT number, legal forms, telephone prefix.
    ("DE", ("Hamburg", "Kiel", "Lübeck"), "#####", "DE#########", ("GmbH", "AG"), "+49 40 "),
    ("DK", ("Odense", "Aarhus", "Roskilde"), "####", "DK########", ("A/S", "ApS"), "+45 "),
    ("FI", ("Åbo", "Tammerfors", "Vasa"), "#####", "FI########", ("Oy", "Oyj"), "+358 2 "),
    ("NO", ("Bergen", "Drammen", "Halden"), "####", "NO#########MVA", ("AS",), "+47 "),
)  # fmt: skip
FREE_MAIL = ("gmail.com", "hotmail.com", "telia.com", "outlook.com")
UNITS = (
    "Skolförvaltningen",
    "Socialförvaltningen",
    "Tekniska kontoret",
    "Kulturförvaltningen",
    "Äldreomsorgen",
    "Fritidsgårdarna",
)

"""Names of places and their people, as typed in chat, to ISO 3166 codes.

Data for reading only; which law looks at which place is in the obligations.
"""

from bot.domain.iso_places import is_place, nearest_places
from bot.domain.place_names import PLACE_NAMES

_US = (
    "AL Alabama Alabamians|AK Alaska Alaskans|AZ Arizona Arizonans|AR Arkansas Arkansans|"
    "CA California Californians|CO Colorado Coloradans|CT Connecticut|DE Delaware Delawareans|"
    "DC District_of_Columbia Washington_DC|FL Florida Floridians|GA Georgia Georgians|"
    "HI Hawaii Hawaiians|ID Idaho Idahoans|IL Illinois Illinoisans|IN Indiana Hoosiers|"
    "IA Iowa Iowans|KS Kansas Kansans|KY Kentucky Kentuckians|LA Louisiana Louisianans|"
    "ME Maine Mainers|MD Maryland Marylanders|MA Massachusetts Bay_Staters|"
    "MI Michigan Michiganders|MN Minnesota Minnesotans|MS Mississippi Mississippians|"
    "MO Missouri Missourians|MT Montana Montanans|NE Nebraska Nebraskans|NV Nevada Nevadans|"
    "NH New_Hampshire|NJ New_Jersey New_Jerseyans|NM New_Mexico New_Mexicans|"
    "NY New_York New_Yorkers|NC North_Carolina North_Carolinians|"
    "ND North_Dakota North_Dakotans|OH Ohio Ohioans|OK Oklahoma Oklahomans|"
    "OR Oregon Oregonians|PA Pennsylvania Pennsylvanians|RI Rhode_Island Rhode_Islanders|"
    "SC South_Carolina South_Carolinians|SD South_Dakota South_Dakotans|"
    "TN Tennessee Tennesseans|TX Texas Texans|UT Utah Utahns|VT Vermont Vermonters|"
    "VA Virginia Virginians|WA Washington Washingtonians|WV West_Virginia West_Virginians|"
    "WI Wisconsin Wisconsinites|WY Wyoming Wyomingites|PR Puerto_Rico Puerto_Ricans"
)
_COUNTRIES = (
    "AT Austria Austrians|BE Belgium Belgians|BG Bulgaria Bulgarians|HR Croatia Croats|"
    "CY Cyprus Cypriots|CZ Czechia Czechs|DK Denmark Danes|EE Estonia Estonians|"
    "FI Finland Finns|FR France French|DE Germany Germans|GR Greece Greeks|"
    "HU Hungary Hungarians|IE Ireland Irish|IT Italy Italians|LV Latvia Latvians|"
    "LT Lithuania Lithuanians|LU Luxembourg Luxembourgers|MT Malta Maltese|"
    "NL Netherlands Dutch|PL Poland Poles|PT Portugal Portuguese|RO Romania Romanians|"
    "SK Slovakia Slovaks|SI Slovenia Slovenes|ES Spain Spaniards|SE Sweden Swedes|"
    "IS Iceland Icelanders|LI Liechtenstein|NO Norway Norwegians|CH Switzerland Swiss|"
    "GB United_Kingdom UK Great_Britain England Britons British|US United_States USA Americans|"
    "EU European_Union Europeans"
)


def _names() -> dict[str, str]:
    names: dict[str, str] = {}
    for prefix, table in (("US-", _US), ("", _COUNTRIES)):
        for row in table.split("|"):
            code, *words = row.split()
            for word in words:
                names[word.replace("_", " ").lower()] = prefix + code
            if prefix:
                names[f"us-{code.lower()}"] = prefix + code
            else:
                names.setdefault(code.lower(), code)
    return names


_BY_NAME = {
    **{name.lower(): code for code, name in PLACE_NAMES.items() if is_place(code)},
    **_names(),
}


class NoPlaceError(ValueError):
    """A word that names no place; the message suggests the nearest."""


def read_place(word: str, *, within: str = "") -> str:
    """Read a place by code or name; `within` a country a part's own code will do: `CA` → US-CA.

    Raises `NoPlaceError` for a place that isn't there, or that lies elsewhere.
    """
    word = " ".join(word.split()).strip(" .:")
    code = word.upper()
    inside = f"{within}-{code}"
    if within and is_place(inside):
        return inside
    found = code if is_place(code) else place_code(word)
    if found is None:
        near = nearest_places(inside if within else code)
        hint = f" Did you mean {' or '.join(near)}?" if near else ""
        raise NoPlaceError(f"I don't know the place “{word}”.{hint} Write its ISO 3166 code.")
    if within and not found.startswith(f"{within}-"):
        raise NoPlaceError(f"“{word}” isn't a part of {within}: give it as another place.")
    return found


def place_code(name: str) -> str | None:
    """Return the ISO 3166 code for a place or its people, or None: `Californians` → `US-CA`."""
    word = " ".join(name.lower().replace("the ", "").strip(" .").split())
    return _BY_NAME.get(word) or _BY_NAME.get(word.removesuffix(" residents")) or None

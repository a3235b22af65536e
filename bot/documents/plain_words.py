"""The words that make a notice hard to read, by language: lists for `plain_language`.

Pure data. Each entry is a regular expression (case doesn't matter) and what to write instead. The
lists are short on purpose: a hint that is mostly wrong is soon read by nobody. English follows the
plain-language guides of public bodies; the other languages are counterparts, not read by a native
lawyer. A new word goes to the code whose reason fits it.
"""

from dataclasses import dataclass

Phrases = tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Words:
    """The lists of one language."""

    empty: Phrases
    """Phrases that promise or play down, and tell the reader nothing."""
    jargon: Phrases
    """Words of lawyers and of security people, and stiff words that have a plain one."""
    speculation: Phrases
    """Guesses, and words that name a culprit nobody has convicted."""
    passive: tuple[str, ...]
    """What a verb in the passive voice looks like."""
    active: str
    """How the same is said in the active voice."""
    not_ends: frozenset[str]
    """Abbreviations, in small letters without their last stop: they end no sentence."""


_DENIAL = "say what you looked at and what it shows: “Our logs since 27 February show no …”"
_DID = "say what you did"
_FACTS = "say what happened, and leave the praise of the intruder out"
_KNOWN = "say what you know and from what, or that you don’t know yet"
_LEAVE_OUT = "leave it out"
_MEANS = "say what it means for the reader, and what you do about it"
_SCOPE = "say what is affected and what isn’t"
_WHY_NOW = "say why you write"


def _read(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_ENGLISH = Words(
    empty=(
        (r"\btak(?:e|es|ing) (?:\w+ ){1,4}(?:very |extremely )?seriously\b", _DID),
        (r"\b(?:out of )?(?:an )?abundance of caution\b", _WHY_NOW),
        (r"\bsophisticated\b", _FACTS),
        (r"\bany inconvenience\b|\binconvenience this\b", _MEANS),
        (r"\bregret to inform\b", "begin with what happened"),
        (r"\b(?:be|rest) assured\b", "say the fact that is to reassure"),
        (r"\bvalued (?:customers?|clients?|members?)\b", "“you”"),
        (r"\bisolated incident\b", _SCOPE),
        (r"\bno (?:evidence|indication|reason to believe)\b", _DENIAL),
        (r"\bplease (?:note|be advised) that\b", _LEAVE_OUT),
    ),
    jargon=(
        (r"\bexfiltrat\w+", "“copied”, “taken”"),
        (r"\b(?:threat|bad|malicious) actors?\b", "“an intruder”, “someone without permission”"),
        (r"\bunauthori[sz]ed (?:third )?part(?:y|ies)\b", "“someone without permission”"),
        (r"\bunauthori[sz]ed access\b", "“someone got into …”"),
        (r"\bcompromised?\b", "say what was done: “someone used …”, “… could be read”"),
        (r"\bcredentials?\b", "“user name and password”"),
        (r"\b(?:personally identifiable information|PII)\b", "“personal data”, and which"),
        (r"\bdata subjects?\b", "“people”, “you”"),
        (r"\bmulti-?factor authentication\b|\bMFA\b", "“a second proof when you sign in”"),
        (r"\bmalware\b", "“harmful software”"),
        (r"\bvulnerabilit(?:y|ies)\b", "“a gap in the security of …”"),
        (r"\bmitigat\w+", "“reduce”, “limit”"),
        (r"\bremediat\w+", "“repair”, “put right”"),
        (r"\b(?:utili[sz]e|leverage)[sd]?\b", "“use”"),
        (r"\bpursuant to\b|\bin accordance with\b", "“under”"),
        (r"\bprior to\b", "“before”"),
        (r"\bsubsequent(?:ly)?(?: to)?\b", "“after”, “later”"),
        (r"\bin the event (?:that|of)\b", "“if”"),
        (r"\bin order to\b", "“to”"),
        (r"\bat this (?:time|point)\b", "“now”"),
        (r"\b(?:aforementioned|herein|hereby|thereof|notwithstanding)\b", _LEAVE_OUT),
        (r"\bcommenc(?:e|ed|es|ing)\b", "“begin”"),
        (r"\bendeavou?r\w*", "“try”"),
    ),
    speculation=(
        (
            r"\b(?:probably|presumably|apparently|hopefully)\b",
            _KNOWN,
        ),
        (r"\bwe (?:believe|assume|suspect|think)\b", _KNOWN),
        (r"\bit (?:appears|seems) that\b", _KNOWN),
        (r"\b(?:could|may|might) potentially\b|\bpotentially\b", "“could”, or leave it out"),
        (r"\b(?:hackers?|cyber-?criminals?)\b", "“an intruder”, “someone”"),
        (
            r"\b(?:nation-state|state-sponsored)\b",
            "leave it out until a court or an authority says so",
        ),
    ),
    passive=(
        (
            r"\b(?:am|is|are|was|were|be|been|being)\s+(?:\w+ly\s+|not\s+|also\s+|then\s+)?"
            r"(?!(?:need|concern|relat|unrelat|limit|interest|allow|suppos|encrypt|involv|affect)ed\b)"
            r"(?:\w{2,}ed|taken|stolen|known|seen|found|sent|made|done|given|held|kept|left|lost|put|read"
            r"|told|written|broken|chosen|hidden|hit|shown|thrown|bought|brought|caught|built|sold|set)\b"
        ),
    ),
    active="say who did it: “we closed …”, “someone copied …”",
    not_ends=_read(
        "mr mrs ms dr prof st no nos vs e.g i.e etc inc ltd co corp art sec p.o u.s u.k a.m p.m "
        "jan feb mar apr jun jul aug sep sept oct nov dec"
    ),
)

_GERMAN = Words(
    empty=(
        (r"\bnehmen\b[^.!?]{0,60}\bernst\b", _DID),
        (r"\bUnannehmlichkeiten?\b", _MEANS),
        (r"\b(?:raffiniert|hochprofessionell|ausgeklügelt)\w*", _FACTS),
        (r"\b(?:rein vorsorglich|aus Gründen äußerster Vorsicht)\b", _WHY_NOW),
        (r"\bEinzelfall\b", _SCOPE),
        (r"\bkeine(?:rlei)? (?:Hinweise|Anhaltspunkte|Anzeichen)\b", _DENIAL),
        (r"\bwerte[rn]? Kund\w+", "„Sie“"),
    ),
    jargon=(
        (r"\bexfiltrier\w*", "„kopiert“"),
        (r"\bkompromittier\w*", "say what was done: „jemand hat … benutzt“"),
        (r"\bCredentials?\b", "„Benutzername und Passwort“"),
        (r"\b(?:Threat Actors?|Angriffsvektor\w*)\b", "„ein Eindringling“"),
        (r"\bMulti-?Faktor-Authentifizierung\b", "„ein zweiter Nachweis beim Anmelden“"),
        (r"\b(?:Schadsoftware|Malware)\b", "„schädliches Programm“"),
        (r"\bmitigier\w*", "„verringern“"),
        (r"\b(?:bezüglich|hinsichtlich|betreffs)\b", "„zu“, „über“"),
        (r"\bdiesbezüglich\w*", "„dazu“"),
        (r"\bim Rahmen (?:der|des|von)\b", "„bei“, „in“"),
        (r"\bgemäß\b", "„nach“"),
        (r"\b(?:obig|vorgenannt|vorbezeichnet)\w*", "name the thing again"),
        (r"\bzwecks\b", "„für“, „um … zu“"),
        (r"\bin Kenntnis (?:setzen|gesetzt)\b", "„sagen“, „schreiben“"),
    ),
    speculation=(
        (r"\b(?:vermutlich|wahrscheinlich|offenbar|anscheinend|hoffentlich)\b", _KNOWN),
        (r"\bmöglicherweise\b", "„könnte“, or what you know"),
        (r"\bwir (?:glauben|vermuten|nehmen an|gehen davon aus)\b", _KNOWN),
        (r"\bes scheint\b", _KNOWN),
        (r"\b(?:Hackern?|Cyberkriminelle\w*)\b", "„ein Eindringling“, „jemand“"),
    ),
    passive=(
        # werden makes the future too: with it only participles that no infinitive looks like.
        (
            r"\b(?:wurden?|worden)\b[^.!?;]{0,80}?"
            r"\b(?:\w*ge\w{2,}(?:t|en)|\w+iert|(?:be|ver|er|ent|zer)\w{2,}(?:t|en))\b"
        ),
        (
            r"\b(?:\w*ge\w{2,}(?:t|en)|\w+iert|(?:be|ver|er|ent|zer)\w{2,}(?:t|en))"
            r" (?:wurden?|worden)\b"
        ),
        r"\b(?:wird|werden)\b[^.!?;]{0,80}?\b(?:\w*ge\w{2,}t|\w+iert|(?:be|ver|er|ent|zer)\w{2,}t)\b",
    ),
    active="say who did it: „wir haben … gesperrt“, „jemand hat … kopiert“",
    not_ends=_read(
        "z.b d.h u.a bzw ca dr prof hr fr nr abs art lit str tel ggf vgl usw i.d.r inkl"
    ),
)

_FRENCH = Words(
    empty=(
        (r"\bprenons\b[^.!?]{0,60}\bau sérieux\b", _DID),
        (r"\b(?:désagréments?|gêne occasionnée)\b", _MEANS),
        (r"\bsophistiqu\w+", _FACTS),
        (r"\bpar (?:mesure|excès) de (?:précaution|prudence)\b", _WHY_NOW),
        (r"\b(?:cas|incident) isolé\b", _SCOPE),
        (r"\baucun(?:e)? (?:élément|indice|preuve)\b", _DENIAL),
        (r"\bnous avons le regret\b", "begin with what happened"),
    ),
    jargon=(
        (r"\bexfiltr\w+", "« copié »"),
        (r"\bcompromis\w*|\bcompromettre\b", "say what was done: « quelqu’un a utilisé … »"),
        (r"\bcybera(?:ttaquants?|cteurs?)\b", "« un intrus »"),
        (r"\bauthentification (?:à plusieurs facteurs|multifacteurs?)\b", "« une seconde preuve »"),
        (r"\b(?:logiciels? malveillants?|malwares?)\b", "« programme nuisible »"),
        (r"\bremédi\w+", "« corriger »"),
        (r"\bafin (?:de|d’)", "« pour »"),
        (r"\bpréalablement à\b", "« avant »"),
        (r"\bpostérieurement à\b", "« après »"),
        (r"\bdans le cadre d", "« pour », « pendant »"),
        (r"\bconformément à\b", "« selon »"),
        (r"\bsus(?:visé|mentionné|dit)\w*", "name the thing again"),
        (r"\bpersonnes? concernées?\b", "« vous »"),
    ),
    speculation=(
        (r"\b(?:probablement|vraisemblablement|apparemment|sans doute)\b", _KNOWN),
        (r"\bil semble(?:rait)? qu[e’]", _KNOWN),
        (r"\bnous (?:pensons|croyons|supposons|espérons)\b", _KNOWN),
        (r"\b(?:hackers?|pirates?|cybercriminels?)\b", "« un intrus », « quelqu’un »"),
    ),
    passive=(
        r"\b(?:a|ont|avait|avaient|aurait|auraient) été \w+(?:é|i|u|t|s)e?s?\b",
        (
            r"(?<![’'])\b(?:est|sont|était|étaient|sera|seront)\s+(?:\w+ment\s+)?"
            r"(?!(?:all|arriv|rest|entr|tomb|pass|mont|rentr|retourn|n|décéd|concern|touch)ée?s?\b)\w+ée?s?\b"
        ),
    ),
    active="say who did it: « nous avons fermé … », « quelqu’un a copié … »",
    not_ends=_read("m mm mme dr prof art p n° etc cf tél"),
)

_SPANISH = Words(
    empty=(
        (r"\btomamos\b[^.!?]{0,60}\ben serio\b", _DID),
        (r"\b(?:molestias|inconvenientes)\b", _MEANS),
        (r"\bsofisticad\w+", _FACTS),
        (r"\bpor (?:mera |simple )?precaución\b|\bexceso de cautela\b", _WHY_NOW),
        (r"\b(?:caso|incidente) aislado\b", _SCOPE),
        (r"\b(?:ningún indicio|ninguna (?:prueba|evidencia))\b", _DENIAL),
        (r"\blamentamos (?:informar|comunicar)\w*", "begin with what happened"),
    ),
    jargon=(
        (r"\bexfiltr\w+", "«copiado»"),
        (r"\bcomprometid\w+", "say what was done: «alguien usó …»"),
        (r"\bcredencial(?:es)?\b", "«usuario y contraseña»"),
        (r"\bactor(?:es)? (?:de amenazas?|malicioso?s?)\b", "«un intruso»"),
        (
            r"\bautenticación (?:multifactor|de (?:doble|múltiples?) factor(?:es)?)\b",
            "«una segunda prueba»",
        ),
        (r"\b(?:malware|software malicioso)\b", "«programa dañino»"),
        (r"\bmitig\w+", "«reducir»"),
        (r"\bremedia\w*", "«corregir»"),
        (r"\bcon el fin de\b|\ba fin de\b", "«para»"),
        (r"\bcon (?:anterioridad|carácter previo) a\b", "«antes de»"),
        (r"\bcon posterioridad a\b", "«después de»"),
        (r"\ben el marco de\b", "«en», «durante»"),
        (r"\b(?:antedich|susodich|precitad)\w+", "name the thing again"),
        (r"\binteresad[oa]s?\b", "«usted»"),
    ),
    speculation=(
        (r"\b(?:probablemente|posiblemente|aparentemente|seguramente)\b", _KNOWN),
        (r"\b(?:al parecer|parece que)\b", _KNOWN),
        (r"\b(?:creemos|suponemos|pensamos|esperamos) que\b", _KNOWN),
        (r"\b(?:hackers?|piratas? informáticos?|ciberdelincuentes?)\b", "«un intruso», «alguien»"),
    ),
    passive=(
        (
            r"\b(?:fue|fueron|ha sido|han sido|había sido|habían sido|será|serán)\s+"
            r"(?:\w+mente\s+)?(?:\w+[ai]d[oa]s?|(?:hech|vist|abiert|escrit|puest|dich)[oa]s?)\b"
        ),
    ),
    active="say who did it: «cerramos …», «alguien copió …»",
    not_ends=_read("sr sra dr dra prof art núm pág etc ud uds tel ee uu"),
)

WORDS = {"en": _ENGLISH, "de": _GERMAN, "fr": _FRENCH, "es": _SPANISH}
"""By the first part of the BCP 47 tag."""

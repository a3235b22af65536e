"""Names of places in the languages of the notices, for ISO 3166 codes.

Pure data. Countries as the Unicode CLDR names them, some in their shorter form; parts of countries
where a language has a name of its own. What isn't listed reads as `bot.domain.place_names` has it.
"""

from collections.abc import Mapping
from types import MappingProxyType

from bot.domain.place_names import PLACE_NAMES

_GERMAN = """
AD Andorra; AE Vereinigte Arabische Emirate; AF Afghanistan; AG Antigua und Barbuda; AI Anguilla;
AL Albanien; AM Armenien; AO Angola; AQ Antarktis; AR Argentinien; AS Amerikanisch-Samoa; AT
Österreich; AU Australien; AW Aruba; AX Ålandinseln; AZ Aserbaidschan; BA Bosnien und Herzegowina;
BB Barbados; BD Bangladesch; BE Belgien; BF Burkina Faso; BG Bulgarien; BH Bahrain; BI Burundi; BJ
Benin; BL St. Barthélemy; BM Bermuda; BN Brunei; BO Bolivien; BQ Karibische Niederlande; BR
Brasilien; BS Bahamas; BT Bhutan; BV Bouvetinsel; BW Botsuana; BY Belarus; BZ Belize; CA Kanada; CC
Kokosinseln; CD Kongo-Kinshasa; CF Zentralafrikanische Republik; CG Kongo-Brazzaville; CH Schweiz;
CI Côte d’Ivoire; CK Cookinseln; CL Chile; CM Kamerun; CN China; CO Kolumbien; CR Costa Rica; CU
Kuba; CV Cabo Verde; CW Curaçao; CX Weihnachtsinsel; CY Zypern; CZ Tschechien; DE Deutschland; DJ
Dschibuti; DK Dänemark; DM Dominica; DO Dominikanische Republik; DZ Algerien; EC Ecuador; EE
Estland; EG Ägypten; EH Westsahara; ER Eritrea; ES Spanien; ET Äthiopien; EU Europäische Union; FI
Finnland; FJ Fidschi; FK Falklandinseln; FM Mikronesien; FO Färöer; FR Frankreich; GA Gabun; GB
Vereinigtes Königreich; GD Grenada; GE Georgien; GF Französisch-Guayana; GG Guernsey; GH Ghana; GI
Gibraltar; GL Grönland; GM Gambia; GN Guinea; GP Guadeloupe; GQ Äquatorialguinea; GR Griechenland;
GS Südgeorgien und die Südlichen Sandwichinseln; GT Guatemala; GU Guam; GW Guinea-Bissau; GY
Guyana; HK Hongkong; HM Heard und McDonaldinseln; HN Honduras; HR Kroatien; HT Haiti; HU Ungarn; ID
Indonesien; IE Irland; IL Israel; IM Isle of Man; IN Indien; IO Britisches Territorium im Indischen
Ozean; IQ Irak; IR Iran; IS Island; IT Italien; JE Jersey; JM Jamaika; JO Jordanien; JP Japan; KE
Kenia; KG Kirgisistan; KH Kambodscha; KI Kiribati; KM Komoren; KN St. Kitts und Nevis; KP
Nordkorea; KR Südkorea; KW Kuwait; KY Kaimaninseln; KZ Kasachstan; LA Laos; LB Libanon; LC St.
Lucia; LI Liechtenstein; LK Sri Lanka; LR Liberia; LS Lesotho; LT Litauen; LU Luxemburg; LV
Lettland; LY Libyen; MA Marokko; MC Monaco; MD Republik Moldau; ME Montenegro; MF St. Martin; MG
Madagaskar; MH Marshallinseln; MK Nordmazedonien; ML Mali; MM Myanmar; MN Mongolei; MO Macau; MP
Nördliche Marianen; MQ Martinique; MR Mauretanien; MS Montserrat; MT Malta; MU Mauritius; MV
Malediven; MW Malawi; MX Mexiko; MY Malaysia; MZ Mosambik; NA Namibia; NC Neukaledonien; NE Niger;
NF Norfolkinsel; NG Nigeria; NI Nicaragua; NL Niederlande; NO Norwegen; NP Nepal; NR Nauru; NU
Niue; NZ Neuseeland; OM Oman; PA Panama; PE Peru; PF Französisch-Polynesien; PG Papua-Neuguinea; PH
Philippinen; PK Pakistan; PL Polen; PM St. Pierre und Miquelon; PN Pitcairninseln; PR Puerto Rico;
PS Palästina; PT Portugal; PW Palau; PY Paraguay; QA Katar; RE Réunion; RO Rumänien; RS Serbien; RU
Russland; RW Ruanda; SA Saudi-Arabien; SB Salomonen; SC Seychellen; SD Sudan; SE Schweden; SG
Singapur; SH St. Helena; SI Slowenien; SJ Spitzbergen und Jan Mayen; SK Slowakei; SL Sierra Leone;
SM San Marino; SN Senegal; SO Somalia; SR Suriname; SS Südsudan; ST São Tomé und Príncipe; SV El
Salvador; SX Sint Maarten; SY Syrien; SZ Eswatini; TC Turks- und Caicosinseln; TD Tschad; TF
Französische Süd- und Antarktisgebiete; TG Togo; TH Thailand; TJ Tadschikistan; TK Tokelau; TL
Timor-Leste; TM Turkmenistan; TN Tunesien; TO Tonga; TR Türkei; TT Trinidad und Tobago; TV Tuvalu;
TW Taiwan; TZ Tansania; UA Ukraine; UG Uganda; UM Amerikanische Überseeinseln; US Vereinigte
Staaten; UY Uruguay; UZ Usbekistan; VA Vatikanstadt; VC St. Vincent und die Grenadinen; VE
Venezuela; VG Britische Jungferninseln; VI Amerikanische Jungferninseln; VN Vietnam; VU Vanuatu; WF
Wallis und Futuna; WS Samoa; YE Jemen; YT Mayotte; ZA Südafrika; ZM Sambia; ZW Simbabwe; CA-BC
British Columbia; CA-NL Neufundland und Labrador; CA-NT Nordwest-Territorien; CA-QC Québec; US-AS
Amerikanisch-Samoa; US-CA Kalifornien; US-MP Nördliche Marianen; US-VI Amerikanische Jungferninseln
"""

_FRENCH = """
AD Andorre; AE Émirats arabes unis; AF Afghanistan; AG Antigua-et-Barbuda; AI Anguilla; AL Albanie;
AM Arménie; AO Angola; AQ Antarctique; AR Argentine; AS Samoa américaines; AT Autriche; AU
Australie; AW Aruba; AX Îles Åland; AZ Azerbaïdjan; BA Bosnie-Herzégovine; BB Barbade; BD
Bangladesh; BE Belgique; BF Burkina Faso; BG Bulgarie; BH Bahreïn; BI Burundi; BJ Bénin; BL
Saint-Barthélemy; BM Bermudes; BN Brunei; BO Bolivie; BQ Pays-Bas caribéens; BR Brésil; BS Bahamas;
BT Bhoutan; BV Île Bouvet; BW Botswana; BY Bélarus; BZ Belize; CA Canada; CC Îles Cocos; CD
Congo-Kinshasa; CF République centrafricaine; CG Congo-Brazzaville; CH Suisse; CI Côte d’Ivoire; CK
Îles Cook; CL Chili; CM Cameroun; CN Chine; CO Colombie; CR Costa Rica; CU Cuba; CV Cap-Vert; CW
Curaçao; CX Île Christmas; CY Chypre; CZ Tchéquie; DE Allemagne; DJ Djibouti; DK Danemark; DM
Dominique; DO République dominicaine; DZ Algérie; EC Équateur; EE Estonie; EG Égypte; EH Sahara
occidental; ER Érythrée; ES Espagne; ET Éthiopie; EU Union européenne; FI Finlande; FJ Fidji; FK
Îles Malouines; FM Micronésie; FO Îles Féroé; FR France; GA Gabon; GB Royaume-Uni; GD Grenade; GE
Géorgie; GF Guyane française; GG Guernesey; GH Ghana; GI Gibraltar; GL Groenland; GM Gambie; GN
Guinée; GP Guadeloupe; GQ Guinée équatoriale; GR Grèce; GS Géorgie du Sud-et-les Îles Sandwich du
Sud; GT Guatemala; GU Guam; GW Guinée-Bissau; GY Guyana; HK Hong Kong; HM Îles Heard-et-MacDonald;
HN Honduras; HR Croatie; HT Haïti; HU Hongrie; ID Indonésie; IE Irlande; IL Israël; IM Île de Man;
IN Inde; IO Territoire britannique de l’océan Indien; IQ Irak; IR Iran; IS Islande; IT Italie; JE
Jersey; JM Jamaïque; JO Jordanie; JP Japon; KE Kenya; KG Kirghizstan; KH Cambodge; KI Kiribati; KM
Comores; KN Saint-Christophe-et-Niévès; KP Corée du Nord; KR Corée du Sud; KW Koweït; KY Îles
Caïmans; KZ Kazakhstan; LA Laos; LB Liban; LC Sainte-Lucie; LI Liechtenstein; LK Sri Lanka; LR
Liberia; LS Lesotho; LT Lituanie; LU Luxembourg; LV Lettonie; LY Libye; MA Maroc; MC Monaco; MD
Moldavie; ME Monténégro; MF Saint-Martin; MG Madagascar; MH Îles Marshall; MK Macédoine du Nord; ML
Mali; MM Myanmar; MN Mongolie; MO Macao; MP Îles Mariannes du Nord; MQ Martinique; MR Mauritanie;
MS Montserrat; MT Malte; MU Maurice; MV Maldives; MW Malawi; MX Mexique; MY Malaisie; MZ
Mozambique; NA Namibie; NC Nouvelle-Calédonie; NE Niger; NF Île Norfolk; NG Nigeria; NI Nicaragua;
NL Pays-Bas; NO Norvège; NP Népal; NR Nauru; NU Niue; NZ Nouvelle-Zélande; OM Oman; PA Panama; PE
Pérou; PF Polynésie française; PG Papouasie-Nouvelle-Guinée; PH Philippines; PK Pakistan; PL
Pologne; PM Saint-Pierre-et-Miquelon; PN Îles Pitcairn; PR Porto Rico; PS Palestine; PT Portugal;
PW Palaos; PY Paraguay; QA Qatar; RE La Réunion; RO Roumanie; RS Serbie; RU Russie; RW Rwanda; SA
Arabie saoudite; SB Îles Salomon; SC Seychelles; SD Soudan; SE Suède; SG Singapour; SH
Sainte-Hélène; SI Slovénie; SJ Svalbard et Jan Mayen; SK Slovaquie; SL Sierra Leone; SM
Saint-Marin; SN Sénégal; SO Somalie; SR Suriname; SS Soudan du Sud; ST Sao Tomé-et-Principe; SV
Salvador; SX Saint-Martin (partie néerlandaise); SY Syrie; SZ Eswatini; TC Îles Turques-et-Caïques;
TD Tchad; TF Terres australes françaises; TG Togo; TH Thaïlande; TJ Tadjikistan; TK Tokelau; TL
Timor oriental; TM Turkménistan; TN Tunisie; TO Tonga; TR Turquie; TT Trinité-et-Tobago; TV Tuvalu;
TW Taïwan; TZ Tanzanie; UA Ukraine; UG Ouganda; UM Îles mineures éloignées des États-Unis; US
États-Unis; UY Uruguay; UZ Ouzbékistan; VA Vatican; VC Saint-Vincent-et-les Grenadines; VE
Venezuela; VG Îles Vierges britanniques; VI Îles Vierges des États-Unis; VN Viêt Nam; VU Vanuatu;
WF Wallis-et-Futuna; WS Samoa; YE Yémen; YT Mayotte; ZA Afrique du Sud; ZM Zambie; ZW Zimbabwe;
AE-AZ Abou Dabi; AE-DU Dubaï; CA-BC Colombie-Britannique; CA-NB Nouveau-Brunswick; CA-NL
Terre-Neuve-et-Labrador; CA-NS Nouvelle-Écosse; CA-NT Territoires du Nord-Ouest; CA-PE
Île-du-Prince-Édouard; CA-QC Québec; US-AS Samoa américaines; US-CA Californie; US-DC district de
Columbia; US-FL Floride; US-GA Géorgie; US-HI Hawaï; US-LA Louisiane; US-MP Îles Mariannes du Nord;
US-NC Caroline du Nord; US-ND Dakota du Nord; US-NM Nouveau-Mexique; US-NY État de New York; US-PA
Pennsylvanie; US-PR Porto Rico; US-SC Caroline du Sud; US-SD Dakota du Sud; US-VA Virginie; US-VI
Îles Vierges américaines; US-WA État de Washington; US-WV Virginie-Occidentale
"""

_SPANISH = """
AD Andorra; AE Emiratos Árabes Unidos; AF Afganistán; AG Antigua y Barbuda; AI Anguila; AL Albania;
AM Armenia; AO Angola; AQ Antártida; AR Argentina; AS Samoa Americana; AT Austria; AU Australia; AW
Aruba; AX Islas Aland; AZ Azerbaiyán; BA Bosnia y Herzegovina; BB Barbados; BD Bangladés; BE
Bélgica; BF Burkina Faso; BG Bulgaria; BH Baréin; BI Burundi; BJ Benín; BL San Bartolomé; BM
Bermudas; BN Brunéi; BO Bolivia; BQ Caribe neerlandés; BR Brasil; BS Bahamas; BT Bután; BV Isla
Bouvet; BW Botsuana; BY Belarús; BZ Belice; CA Canadá; CC Islas Cocos; CD República Democrática del
Congo; CF República Centroafricana; CG Congo; CH Suiza; CI Costa de Marfil; CK Islas Cook; CL
Chile; CM Camerún; CN China; CO Colombia; CR Costa Rica; CU Cuba; CV Cabo Verde; CW Curazao; CX
Isla de Navidad; CY Chipre; CZ Chequia; DE Alemania; DJ Yibuti; DK Dinamarca; DM Dominica; DO
República Dominicana; DZ Argelia; EC Ecuador; EE Estonia; EG Egipto; EH Sáhara Occidental; ER
Eritrea; ES España; ET Etiopía; EU Unión Europea; FI Finlandia; FJ Fiyi; FK Islas Malvinas; FM
Micronesia; FO Islas Feroe; FR Francia; GA Gabón; GB Reino Unido; GD Granada; GE Georgia; GF
Guayana Francesa; GG Guernesey; GH Ghana; GI Gibraltar; GL Groenlandia; GM Gambia; GN Guinea; GP
Guadalupe; GQ Guinea Ecuatorial; GR Grecia; GS Islas Georgia del Sur y Sandwich del Sur; GT
Guatemala; GU Guam; GW Guinea-Bisáu; GY Guyana; HK Hong Kong; HM Islas Heard y McDonald; HN
Honduras; HR Croacia; HT Haití; HU Hungría; ID Indonesia; IE Irlanda; IL Israel; IM Isla de Man; IN
India; IO Territorio Británico del Océano Índico; IQ Irak; IR Irán; IS Islandia; IT Italia; JE
Jersey; JM Jamaica; JO Jordania; JP Japón; KE Kenia; KG Kirguistán; KH Camboya; KI Kiribati; KM
Comoras; KN San Cristóbal y Nieves; KP Corea del Norte; KR Corea del Sur; KW Kuwait; KY Islas
Caimán; KZ Kazajistán; LA Laos; LB Líbano; LC Santa Lucía; LI Liechtenstein; LK Sri Lanka; LR
Liberia; LS Lesoto; LT Lituania; LU Luxemburgo; LV Letonia; LY Libia; MA Marruecos; MC Mónaco; MD
Moldavia; ME Montenegro; MF San Martín; MG Madagascar; MH Islas Marshall; MK Macedonia del Norte;
ML Mali; MM Myanmar; MN Mongolia; MO Macao; MP Islas Marianas del Norte; MQ Martinica; MR
Mauritania; MS Montserrat; MT Malta; MU Mauricio; MV Maldivas; MW Malaui; MX México; MY Malasia; MZ
Mozambique; NA Namibia; NC Nueva Caledonia; NE Níger; NF Isla Norfolk; NG Nigeria; NI Nicaragua; NL
Países Bajos; NO Noruega; NP Nepal; NR Nauru; NU Niue; NZ Nueva Zelanda; OM Omán; PA Panamá; PE
Perú; PF Polinesia Francesa; PG Papúa Nueva Guinea; PH Filipinas; PK Pakistán; PL Polonia; PM San
Pedro y Miquelón; PN Islas Pitcairn; PR Puerto Rico; PS Palestina; PT Portugal; PW Palaos; PY
Paraguay; QA Catar; RE Reunión; RO Rumanía; RS Serbia; RU Rusia; RW Ruanda; SA Arabia Saudí; SB
Islas Salomón; SC Seychelles; SD Sudán; SE Suecia; SG Singapur; SH Santa Elena; SI Eslovenia; SJ
Svalbard y Jan Mayen; SK Eslovaquia; SL Sierra Leona; SM San Marino; SN Senegal; SO Somalia; SR
Surinam; SS Sudán del Sur; ST Santo Tomé y Príncipe; SV El Salvador; SX Sint Maarten; SY Siria; SZ
Esuatini; TC Islas Turcas y Caicos; TD Chad; TF Territorios Australes Franceses; TG Togo; TH
Tailandia; TJ Tayikistán; TK Tokelau; TL Timor-Leste; TM Turkmenistán; TN Túnez; TO Tonga; TR
Turquía; TT Trinidad y Tobago; TV Tuvalu; TW Taiwán; TZ Tanzania; UA Ucrania; UG Uganda; UM Islas
menores alejadas de EE. UU.; US Estados Unidos; UY Uruguay; UZ Uzbekistán; VA Ciudad del Vaticano;
VC San Vicente y las Granadinas; VE Venezuela; VG Islas Vírgenes Británicas; VI Islas Vírgenes de
EE. UU.; VN Vietnam; VU Vanuatu; WF Wallis y Futuna; WS Samoa; YE Yemen; YT Mayotte; ZA Sudáfrica;
ZM Zambia; ZW Zimbabue; AE-AZ Abu Dabi; AE-DU Dubái; CA-BC Columbia Británica; CA-NB Nuevo
Brunswick; CA-NL Terranova y Labrador; CA-NS Nueva Escocia; CA-NT Territorios del Noroeste; CA-PE
Isla del Príncipe Eduardo; CA-YT Yukón; US-AS Samoa Americana; US-DC Distrito de Columbia; US-HI
Hawái; US-LA Luisiana; US-MI Míchigan; US-MO Misuri; US-MP Islas Marianas del Norte; US-MS
Misisipi; US-NC Carolina del Norte; US-ND Dakota del Norte; US-NH Nuevo Hampshire; US-NJ Nueva
Jersey; US-NM Nuevo México; US-NY Nueva York; US-OR Oregón; US-PA Pensilvania; US-SC Carolina del
Sur; US-SD Dakota del Sur; US-TX Texas; US-VI Islas Vírgenes Estadounidenses; US-WV Virginia
Occidental
"""


def _read(listed: str) -> Mapping[str, str]:
    own = {
        code: name
        for code, _, name in (" ".join(one.split()).partition(" ") for one in listed.split(";"))
    }
    return PLACE_NAMES | own


def _named(names: Mapping[str, str], form: str, **countries: str) -> Mapping[str, str]:
    """Name a part together with its country, which may have a shorter name there."""
    said = {**names, **countries}
    return MappingProxyType(
        {
            code: form.format(part=name, country=said[code[:2]]) if "-" in code else name
            for code, name in names.items()
        }
    )


ENGLISH_PLACES = _named(PLACE_NAMES, "{part}, {country}")
GERMAN_PLACES = _named(_read(_GERMAN), "{part} ({country})", US="USA")
FRENCH_PLACES = _named(_read(_FRENCH), "{part} ({country})")
SPANISH_PLACES = _named(_read(_SPANISH), "{part} ({country})")

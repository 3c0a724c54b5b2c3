"""Names that mean the same thing to every reader: countries, bodies, persons, cities, formulas. Data.

A name is in here only if nothing else is commonly meant by any of its forms.
"""

from taskseed.checks.reading import word_list

__all__ = ["ADJECTIVES", "CITIES", "FORMULAS", "PERSONS", "PLURALS", "SAME"]


def _rows(text: str) -> list[list[str]]:
    return [[form.strip() for form in row.split("|")] for row in text.strip().splitlines()]


# Forms of one name, as `short_key` writes them; the first stands for all.
SAME = {
    form: row[0]
    for row in _rows(
        """
        united states | united states of america | usa | US
        united kingdom | UK | uk | united kingdom of great britain and northern ireland
        united arab emirates | uae
        soviet union | ussr | union of soviet socialist republics
        democratic republic of congo | drc | dr congo | DR congo | doctor congo
        china | peoples republic of china | people's republic of china | prc
        south korea | republic of korea
        north korea | dprk | democratic people's republic of korea
        czech republic | czechia
        cote d'ivoire | ivory coast
        cape verde | cabo verde
        timor leste | east timor
        turkey | turkiye
        vatican city | vatican | vatican city state | holy see
        russia | russian federation
        bosnia and herzegovina | bosnia herzegovina
        german democratic republic | gdr
        federal republic of germany | frg
        papua new guinea | png
        european union | EU
        united nations | UN
        new york city | nyc
        washington dc | washington district of columbia
        los angeles | LA
        world war 1 | first world war | 1st world war | wwi | ww1 | WW 1 | ww i | wwi.
        world war 2 | second world war | 2nd world war | wwii | ww2 | WW 2 | ww ii
        deoxyribonucleic acid | dna
        ribonucleic acid | rna
        adenosine triphosphate | atp
        human immunodeficiency virus | hiv
        north atlantic treaty organization | nato
        national aeronautics and space administration | nasa
        world health organization | WHO | the WHO
        federal bureau of investigation | fbi
        central intelligence agency | cia
        british broadcasting corporation | bbc
        international monetary fund | imf
        united nations educational scientific and cultural organization | unesco
        organization of petroleum exporting countries | opec
        artificial intelligence | AI
        central processing unit | cpu
        random access memory | ram
        graphics processing unit | gpu
        gross domestic product | gdp
        greenwich mean time | gmt
        franklin d roosevelt | franklin delano roosevelt | fdr | franklin d. roosevelt
        john f kennedy | john fitzgerald kennedy | jfk | john f. kennedy
        """
    )
    for form in row
}
# Persons whom a part of their name means wherever a person is asked for; in the last part all names are.
PERSONS = {
    form.replace(".", ""): row[0]
    for row in _rows(
        """
        wolfgang amadeus mozart | w. a. mozart | wa mozart | mozart
        ludwig van beethoven | beethoven
        pyotr ilyich tchaikovsky | pyotr tchaikovsky | peter tchaikovsky | tchaikovsky
        frederic chopin | chopin
        antonio vivaldi | vivaldi
        giuseppe verdi | verdi
        richard wagner | wagner
        giacomo puccini | puccini
        claude debussy | debussy
        johannes brahms | brahms
        franz schubert | schubert
        igor stravinsky | stravinsky
        william shakespeare | shakespeare
        charles dickens | dickens
        jane austen | austen
        leo tolstoy | tolstoy
        fyodor dostoevsky | dostoevsky
        anton chekhov | chekhov
        miguel de cervantes | cervantes | miguel de cervantes saavedra
        johann wolfgang von goethe | goethe
        franz kafka | kafka
        george orwell | orwell
        ernest hemingway | hemingway
        f. scott fitzgerald | f scott fitzgerald | francis scott fitzgerald
        john steinbeck | steinbeck
        herman melville | melville
        edgar allan poe
        j. r. r. tolkien | jrr tolkien | tolkien | john ronald reuel tolkien
        jk rowling | joanne rowling | rowling
        dante alighieri | dante
        geoffrey chaucer | chaucer
        abraham lincoln | lincoln
        barack obama | obama
        napoleon bonaparte | napoleon | napoleon i
        winston churchill | churchill
        adolf hitler | hitler
        joseph stalin | stalin
        vladimir lenin | lenin
        benito mussolini | mussolini
        mahatma gandhi | mohandas gandhi | mohandas karamchand gandhi | gandhi
        nelson mandela | mandela
        margaret thatcher | thatcher
        mikhail gorbachev | gorbachev
        christopher columbus | columbus
        ferdinand magellan | magellan
        galileo galilei | galileo
        isaac newton | newton
        albert einstein | einstein
        charles darwin | darwin | charles robert darwin
        thomas edison | thomas alva edison | thomas a. edison | edison
        alexander graham bell
        nikola tesla | tesla
        nicolaus copernicus | copernicus
        johannes kepler | kepler
        michael faraday | faraday
        gregor mendel | mendel
        dmitri mendeleev | dmitry mendeleev | mendeleev
        louis pasteur | pasteur
        sigmund freud | freud
        karl marx | marx
        friedrich nietzsche | nietzsche
        immanuel kant | kant
        rene descartes | descartes
        leonardo da vinci | da vinci | leonardo
        michelangelo | michelangelo buonarroti
        pablo picasso | picasso
        vincent van gogh | van gogh
        claude monet | monet
        edouard manet | manet
        salvador dali | dali
        rembrandt van rijn | rembrandt
        johannes vermeer | vermeer
        yuri gagarin | gagarin
        johannes gutenberg | gutenberg
        julius caesar | gaius julius caesar
        ernest rutherford | rutherford
        erwin schrodinger | schrodinger
        werner heisenberg | heisenberg
        enrico fermi | fermi
        """
    )
    for form in row
}
# Cities that nobody takes for another of their name, with what they are placed in.
CITIES = {
    city.replace("_", " "): frozenset(where.strip() for where in region.split("/"))
    for region, cities in {
        "italy": "rome milan venice florence naples turin bologna pisa genoa palermo",
        "france": "paris lyon marseille nice bordeaux strasbourg toulouse cannes",
        "england/UK/uk/united kingdom/great britain": "london liverpool manchester leeds oxford bristol",
        "scotland/UK/uk/united kingdom": "edinburgh glasgow",
        "wales/UK/uk/united kingdom": "cardiff",
        "northern ireland/UK/uk/united kingdom": "belfast",
        "ireland/republic of ireland": "dublin galway",
        "spain": "madrid barcelona seville bilbao granada",
        "portugal": "lisbon porto",
        "germany": "berlin munich hamburg cologne frankfurt dresden leipzig nuremberg bonn stuttgart",
        "austria": "vienna salzburg innsbruck graz",
        "switzerland": "zurich geneva bern basel lausanne",
        "netherlands": "amsterdam rotterdam hague",
        "belgium": "brussels antwerp bruges ghent",
        "denmark": "copenhagen",
        "sweden": "stockholm gothenburg",
        "norway": "oslo bergen",
        "finland": "helsinki",
        "iceland": "reykjavik",
        "poland": "warsaw krakow gdansk",
        "czech republic": "prague brno",
        "hungary": "budapest",
        "romania": "bucharest",
        "bulgaria": "sofia",
        "greece": "athens thessaloniki",
        "turkey": "istanbul ankara",
        "russia": "moscow",
        "ukraine": "kyiv odessa",
        "serbia": "belgrade",
        "croatia": "zagreb dubrovnik",
        "egypt": "cairo alexandria",
        "morocco": "marrakesh rabat casablanca",
        "kenya": "nairobi mombasa",
        "nigeria": "lagos abuja",
        "south africa": "johannesburg cape_town pretoria durban",
        "ethiopia": "addis_ababa",
        "israel": "tel_aviv",
        "lebanon": "beirut",
        "iraq": "baghdad",
        "iran": "tehran",
        "saudi arabia": "riyadh mecca medina",
        "united arab emirates": "dubai abu_dhabi",
        "india": "mumbai new_delhi delhi kolkata agra bangalore chennai",
        "pakistan": "karachi islamabad lahore",
        "china": "beijing shanghai wuhan guangzhou",
        "japan": "tokyo kyoto osaka hiroshima nagasaki",
        "south korea": "seoul busan",
        "thailand": "bangkok",
        "vietnam": "hanoi",
        "indonesia": "jakarta",
        "philippines": "manila",
        "australia": "canberra",
        "new south wales/australia": "sydney",
        "victoria/australia": "melbourne",
        "queensland/australia": "brisbane",
        "new zealand": "wellington auckland christchurch",
        "ontario/canada": "ottawa toronto",
        "quebec/canada": "montreal",
        "british columbia/canada": "vancouver",
        "mexico": "mexico_city cancun",
        "brazil": "brasilia rio_de_janeiro sao_paulo",
        "argentina": "buenos_aires",
        "chile": "santiago",
        "peru": "lima",
        "colombia": "bogota",
        "cuba": "havana",
        "illinois/US/usa/united states": "chicago",
        "massachusetts/US/usa/united states": "boston",
        "texas/US/usa/united states": "dallas houston austin san_antonio",
        "california/US/usa/united states": "los_angeles san_francisco san_diego sacramento hollywood",
        "washington/US/usa/united states": "seattle",
        "pennsylvania/US/usa/united states": "philadelphia pittsburgh",
        "georgia/US/usa/united states": "atlanta",
        "florida/US/usa/united states": "miami orlando",
        "nevada/US/usa/united states": "las_vegas",
        "louisiana/US/usa/united states": "new_orleans",
        "colorado/US/usa/united states": "denver",
        "arizona/US/usa/united states": "phoenix",
        "michigan/US/usa/united states": "detroit",
        "tennessee/US/usa/united states": "nashville",
        "hawaii/US/usa/united states": "honolulu",
        "minnesota/US/usa/united states": "minneapolis",
        "new york/ny/NY/US/usa/united states": "new_york_city",
    }.items()
    for city in cities.split()
}  # fmt: skip
# What the people of a country are called, to know it again in a question.
ADJECTIVES = dict(
    pair.split(":")
    for pair in word_list(
        "england:english france:french spain:spanish scotland:scottish sweden:swedish denmark:danish "
        "norway:norwegian russia:russian prussia:prussian germany:german austria:austrian "
        "portugal:portuguese "
        "poland:polish hungary:hungarian italy:italian macedon:macedonian britain:british greece:greek"
    )
)
FORMULAS = dict(
    pair.replace("_", " ").split(":")
    for pair in word_list(
        "CO2:carbon_dioxide CO:carbon_monoxide H2O:water NaCl:sodium_chloride H2SO4:sulfuric_acid "
        "HCl:hydrochloric_acid HNO3:nitric_acid NH3:ammonia CH4:methane O2:oxygen N2:nitrogen H2:hydrogen "
        "Cl2:chlorine O3:ozone H2O2:hydrogen_peroxide NaOH:sodium_hydroxide CaCO3:calcium_carbonate "
        "C6H12O6:glucose SO2:sulfur_dioxide NO2:nitrogen_dioxide N2O:nitrous_oxide SiO2:silicon_dioxide "
        "C2H5OH:ethanol NaHCO3:sodium_bicarbonate KCl:potassium_chloride H2S:hydrogen_sulfide "
        "He:helium Li:lithium Be:beryllium C:carbon Ne:neon Na:sodium Mg:magnesium Al:aluminum Si:silicon "
        "P:phosphorus S:sulfur Ar:argon K:potassium Ca:calcium Ti:titanium Cr:chromium Mn:manganese Fe:iron "
        "Ni:nickel Cu:copper Zn:zinc As:arsenic Br:bromine Kr:krypton Ag:silver Sn:tin I:iodine Xe:xenon "
        "W:tungsten Pt:platinum Au:gold Hg:mercury Pb:lead Ra:radium U:uranium Pu:plutonium H:hydrogen "
        "N:nitrogen O:oxygen F:fluorine Cl:chlorine Co:cobalt Rn:radon B:boron "
        "Sb:antimony Ba:barium Cs:cesium AgCl:silver_chloride"
    )
)
# Plurals that are not made with an "s".
PLURALS = dict(
    pair.split(":")
    for pair in word_list(
        "mitochondria:mitochondrion bacteria:bacterium nuclei:nucleus fungi:fungus algae:alga "
        "larvae:larva vertebrae:vertebra alveoli:alveolus villi:villus stomata:stoma ribosomes:ribosome "
        "chromosomes:chromosome mice:mouse geese:goose feet:foot teeth:tooth leaves:leaf wolves:wolf "
        "stimuli:stimulus ova:ovum protozoa:protozoan spermatozoa:spermatozoon phenomena:phenomenon "
        "cacti:cactus octopuses:octopus hypotheses:hypothesis crises:crisis neuroses:neurosis "
        "ganglia:ganglion "
        "cilia:cilium flagella:flagellum centrioles:centriole quanta:quantum strata:stratum knives:knife "
        "nebulae:nebula supernovae:supernova oxen:ox"
    )
)

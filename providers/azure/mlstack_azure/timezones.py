"""IANA time zones by the names that Azure ML's schedules take, which are those of Windows.

Source: the Unicode CLDR's table of Windows zones, for zones whose rules agree with it today; the
platform's list is ``azure.ai.ml.constants.TimeZone``.
"""

from __future__ import annotations

_ZONES = {
    "UTC": "UTC Etc/UTC Etc/GMT",
    "GMT Standard Time": (
        "Europe/London Europe/Dublin Europe/Lisbon Europe/Guernsey Europe/Jersey Europe/Isle_of_Man "
        "Atlantic/Canary Atlantic/Madeira"
    ),
    "Greenwich Standard Time": "Atlantic/Reykjavik Africa/Abidjan Africa/Accra Africa/Dakar Africa/Bamako",
    "W. Europe Standard Time": (
        "Europe/Berlin Europe/Amsterdam Europe/Andorra Europe/Busingen Europe/Gibraltar "
        "Europe/Luxembourg Europe/Malta Europe/Monaco Europe/Oslo Europe/Rome Europe/San_Marino "
        "Europe/Stockholm Europe/Vaduz Europe/Vatican Europe/Vienna Europe/Zurich Arctic/Longyearbyen"
    ),
    "Central Europe Standard Time": (
        "Europe/Budapest Europe/Belgrade Europe/Bratislava Europe/Ljubljana Europe/Prague "
        "Europe/Podgorica Europe/Tirane"
    ),
    "Romance Standard Time": "Europe/Paris Europe/Brussels Europe/Copenhagen Europe/Madrid Africa/Ceuta",
    "Central European Standard Time": "Europe/Warsaw Europe/Sarajevo Europe/Skopje Europe/Zagreb",
    "W. Central Africa Standard Time": (
        "Africa/Lagos Africa/Algiers Africa/Kinshasa Africa/Luanda Africa/Tunis"
    ),
    "GTB Standard Time": "Europe/Bucharest Europe/Athens Asia/Nicosia",
    "FLE Standard Time": (
        "Europe/Kyiv Europe/Kiev Europe/Helsinki Europe/Riga Europe/Sofia Europe/Tallinn "
        "Europe/Vilnius Europe/Mariehamn"
    ),
    "South Africa Standard Time": (
        "Africa/Johannesburg Africa/Harare Africa/Maputo Africa/Lusaka Africa/Kigali"
    ),
    "Israel Standard Time": "Asia/Jerusalem",
    "Egypt Standard Time": "Africa/Cairo",
    "Turkey Standard Time": "Europe/Istanbul",
    "Russian Standard Time": "Europe/Moscow",
    "Arab Standard Time": "Asia/Riyadh Asia/Kuwait Asia/Qatar Asia/Bahrain Asia/Aden",
    "E. Africa Standard Time": "Africa/Nairobi Africa/Addis_Ababa Africa/Kampala Africa/Dar_es_Salaam",
    "Arabian Standard Time": "Asia/Dubai Asia/Muscat",
    "Iran Standard Time": "Asia/Tehran",
    "Pakistan Standard Time": "Asia/Karachi",
    "India Standard Time": "Asia/Kolkata Asia/Calcutta",
    "Sri Lanka Standard Time": "Asia/Colombo",
    "Nepal Standard Time": "Asia/Kathmandu Asia/Katmandu",
    "Bangladesh Standard Time": "Asia/Dhaka Asia/Thimphu",
    "SE Asia Standard Time": (
        "Asia/Bangkok Asia/Ho_Chi_Minh Asia/Saigon Asia/Jakarta Asia/Phnom_Penh Asia/Vientiane"
    ),
    "China Standard Time": "Asia/Shanghai Asia/Hong_Kong Asia/Macau",
    "Singapore Standard Time": "Asia/Singapore Asia/Kuala_Lumpur Asia/Manila Asia/Makassar Asia/Brunei",
    "Taipei Standard Time": "Asia/Taipei",
    "W. Australia Standard Time": "Australia/Perth",
    "Tokyo Standard Time": "Asia/Tokyo",
    "Korea Standard Time": "Asia/Seoul",
    "Cen. Australia Standard Time": "Australia/Adelaide Australia/Broken_Hill",
    "AUS Central Standard Time": "Australia/Darwin",
    "E. Australia Standard Time": "Australia/Brisbane Australia/Lindeman",
    "AUS Eastern Standard Time": "Australia/Sydney Australia/Melbourne",
    "Tasmania Standard Time": "Australia/Hobart",
    "New Zealand Standard Time": "Pacific/Auckland Antarctica/McMurdo",
    "Azores Standard Time": "Atlantic/Azores",
    "Argentina Standard Time": (
        "America/Argentina/Buenos_Aires America/Buenos_Aires America/Argentina/Cordoba"
    ),
    "E. South America Standard Time": "America/Sao_Paulo",
    "Newfoundland Standard Time": "America/St_Johns",
    "Atlantic Standard Time": "America/Halifax Atlantic/Bermuda America/Moncton",
    "SA Western Standard Time": "America/La_Paz America/Puerto_Rico America/Manaus America/Santo_Domingo",
    "Eastern Standard Time": (
        "America/New_York America/Toronto America/Detroit America/Montreal US/Eastern "
        "America/Kentucky/Louisville"
    ),
    "SA Pacific Standard Time": (
        "America/Bogota America/Lima America/Panama America/Jamaica America/Guayaquil"
    ),
    "Central Standard Time": "America/Chicago America/Winnipeg America/Menominee US/Central",
    "Central Standard Time (Mexico)": "America/Mexico_City America/Monterrey America/Merida",
    "Central America Standard Time": (
        "America/Guatemala America/Costa_Rica America/El_Salvador America/Tegucigalpa America/Managua"
    ),
    "Canada Central Standard Time": "America/Regina America/Swift_Current",
    "Mountain Standard Time": "America/Denver America/Edmonton America/Boise US/Mountain",
    "US Mountain Standard Time": "America/Phoenix America/Creston",
    "Pacific Standard Time": "America/Los_Angeles America/Vancouver US/Pacific",
    "Alaskan Standard Time": "America/Anchorage America/Juneau America/Nome",
    "Hawaiian Standard Time": "Pacific/Honolulu",
}

BY_IANA = {zone: windows for windows, zones in _ZONES.items() for zone in zones.split()}


def windows_zone(iana: str | None) -> str | None:
    """The platform's name of the zone, "UTC" for none; None where it is not known."""
    return "UTC" if iana is None else BY_IANA.get(iana)

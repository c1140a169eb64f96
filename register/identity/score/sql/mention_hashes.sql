create temp table hashes as
select mention_key as person_key,
    hash(
        $version, mention_key, source, primary_name, sex_code, birth_date_earliest,
        birth_date_latest, names, len(names), birth_dates, len(birth_dates), postcodes,
        len(postcodes), postcode_districts, len(postcode_districts), identifiers, len(identifiers)
    ) as mention_hash
from mentions

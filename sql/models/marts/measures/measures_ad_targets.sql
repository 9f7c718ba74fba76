{{ entity_measures('ad_targets') }}

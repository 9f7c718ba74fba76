{{ entity_measures('traffic') }}

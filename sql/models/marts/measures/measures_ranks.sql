{{ entity_measures('ranks') }}

{{ entity_measures('ratings') }}

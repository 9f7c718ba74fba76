{{ entity_measures('cash') }}

{{ entity_measures('stock') }}

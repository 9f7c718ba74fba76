{{ entity_measures('warehouse') }}

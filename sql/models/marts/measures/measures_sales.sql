{{ entity_measures('sales') }}

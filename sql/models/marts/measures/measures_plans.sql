{{ entity_measures('plans') }}

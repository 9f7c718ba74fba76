{{ entity_measures('refunds') }}

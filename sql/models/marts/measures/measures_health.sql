{{ entity_measures('health') }}

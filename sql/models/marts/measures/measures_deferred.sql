{{ entity_measures('deferred') }}

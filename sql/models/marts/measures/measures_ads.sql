{{ entity_measures('ads') }}

{{ entity_measures('contacts') }}

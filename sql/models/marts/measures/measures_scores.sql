{{ entity_measures('scores') }}

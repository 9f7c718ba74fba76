{{ entity_measures('fees') }}

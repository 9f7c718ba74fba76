{{ entity_measures('returns') }}

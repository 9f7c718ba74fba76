{{ entity_measures('return_cohorts') }}

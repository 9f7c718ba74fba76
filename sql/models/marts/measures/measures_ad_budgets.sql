{{ entity_measures('ad_budgets') }}

"""An oracle of the KPI layer in plain Python, written apart from the SQL, and the random small businesses it judges."""

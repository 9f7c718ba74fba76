{#
    The warn or breach limit of a target, for the whole period, by its limit_basis: the platform's; or the target's own, else the default share of
    the target off it on the bad side, in a season widened by the calendar; the target's tolerance on top. A band's own limit holds as far from
    the target on its other side.
#}
{% macro effective_limit(rows, own_limit, standard_limit, default_share) -%}
    case
            when {{ rows }}.limit_basis = 'standard' then {{ rows }}.{{ standard_limit }}
            else
                case
                    when {{ rows }}.direction = 'band' and {{ rows }}.{{ own_limit }} is not null
                        then {{ rows }}.target_value - {{ rows }}.bad_side * abs({{ rows }}.target_value - {{ rows }}.{{ own_limit }})
                    when {{ rows }}.{{ own_limit }} is not null then {{ rows }}.{{ own_limit }}
                    else
                        {{ rows }}.target_value
                        - {{ rows }}.bad_side * abs({{ rows }}.target_value) * {{ default_share }}
                        * case when {{ rows }}.limit_basis = 'season' then {{ rows }}.threshold_factor else 1 end
                end
                - {{ rows }}.bad_side * coalesce(abs({{ rows }}.target_value) * {{ rows }}.tolerance, 0)
        end
{%- endmacro %}

-- How often a sign occurs in absences that a supplier missed, and in absences that both
-- sources recorded. The second round leaves out absences that the first round explains.
{% set rounds = [1, 2] %}
with

signs as (
    select * from {{ ref('int_reason_signs') }}
),

thresholds as (
    {{ reason_thresholds(ref('ref__reason_thresholds'), [
        'ratio_prior_count', 'ratio_missed_count', 'ratio_agreed_count',
        'ratio_deviate', 'ratio_excess_share',
    ]) }}
),

factual as (
    select distinct agreement_id
    from signs
    where expected_record_id is null
),

expected_records as (
    select * from {{ ref('int_expected_records') }}
),

-- A missed absence that a fact of its row explains is not part of the comparison.
left_1 as (
    select
        expected_records.expected_record_id as record_id,
        expected_records.expected_source,
        expected_records.expected_supplier_code as supplier_code,
        case when expected_records.is_missed then 1 else 0 end as missed,
        case when expected_records.is_missed then 0 else 1 end as agreed,
    from expected_records
    left join factual
        on expected_records.agreement_id = factual.agreement_id
    where factual.agreement_id is null or not expected_records.is_missed
),

{% for round in rounds %}
    totals_{{ round }} as (
        select
            expected_source || '|' || supplier_code as supplier_key,
            sum(missed) as missed_count,
            sum(agreed) as agreed_count,
            sum(sum(missed)) over of_source as all_missed_count,
            sum(sum(agreed)) over of_source as all_agreed_count,
        from left_{{ round }}
        group by expected_source, supplier_code
        window of_source as (partition by expected_source)
    ),

    shown_{{ round }} as (
        select
            left_{{ round }}.*,
            signs.reason_code,
            signs.strength,
            {{ joined_key([
                'expected_source', 'supplier_code', 'reason_code', 'strength'
            ]) }} as sign_id,
        from left_{{ round }}
        inner join signs
            on left_{{ round }}.record_id = signs.expected_record_id
        where signs.comparison_round = {{ round }}
    ),

    counted_{{ round }} as (
        select
            sign_id,
            expected_source,
            supplier_code,
            reason_code,
            strength,
            sum(missed) as missed_shown,
            sum(agreed) as agreed_shown,
            sum(sum(missed)) over of_sign as all_missed_shown,
            sum(sum(agreed)) over of_sign as all_agreed_shown,
        from shown_{{ round }}
        group by sign_id, expected_source, supplier_code, reason_code, strength
        window of_sign as (partition by expected_source, reason_code, strength)
    ),

    rated_{{ round }} as (
        select
            counted.*,
            totals.missed_count,
            totals.agreed_count,
            totals.all_agreed_count,
            {% for side in ['missed', 'agreed'] %}
                {{ function('pooled_rate') }}(
                    counted.{{ side }}_shown,
                    totals.{{ side }}_count,
                    counted.all_{{ side }}_shown,
                    totals.all_{{ side }}_count,
                    thresholds.ratio_prior_count
                ) as {{ side }}_rate,
            {% endfor %}
        from counted_{{ round }} as counted
        cross join thresholds
        inner join totals_{{ round }} as totals
            on
                counted.expected_source || '|' || counted.supplier_code
                = totals.supplier_key
    ),

    judged_{{ round }} as (
        select
            rated.*,
            {{ function('excess_share_lower') }}(
                rated.missed_rate,
                rated.missed_count + thresholds.ratio_prior_count,
                rated.agreed_rate,
                rated.agreed_count + thresholds.ratio_prior_count,
                thresholds.ratio_deviate
            ) >= thresholds.ratio_excess_share
            and rated.all_missed_shown >= thresholds.ratio_missed_count
            and rated.all_agreed_count >= thresholds.ratio_agreed_count as is_evidence,
        from rated_{{ round }} as rated
        cross join thresholds
    ),

    {% if not loop.last %}
        explained_{{ round }} as (
            select distinct shown.record_id
            from shown_{{ round }} as shown
            inner join judged_{{ round }} as judged on shown.sign_id = judged.sign_id
            where judged.is_evidence
        ),

        left_{{ round + 1 }} as (
            select left_{{ round }}.*
            from left_{{ round }}
            left join explained_{{ round }} as explained
                on left_{{ round }}.record_id = explained.record_id
            where explained.record_id is null
        ),

    {% endif %}
{% endfor %}

judged as (
    {% for round in rounds %}
        select * from judged_{{ round }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

final as (
    select
        *,
        missed_rate / agreed_rate as likelihood_ratio,
        {{ function('excess_share') }}(missed_rate, agreed_rate) as excess_share,
    from judged
)

select * from final

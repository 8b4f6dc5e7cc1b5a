-- The public prices kept are those that priced something, whatever was loaded first.
delete from prices p
where p.price_version like 'genai-prices %' and not exists (
    select 1 from steps s
    where s.cost_source = 'priced' and s.provider is not distinct from p.provider
        and p.model in (s.model, s.response_model)
);

//! The words people use, by what they mean. A phrase is written with `_` between its words.

/// What is meant, and the words for it. A word may mean several things.
pub(super) const VOCABULARY: &[(&str, &str)] = &[
    (
        "cost",
        "cash burn burns priciest costliest cheapest afford cost bill billing invoice pay payment spend spent owe charge money expensive dollar usd price pricey cheap budget buck costly fee bleeding_us",
    ),
    ("subscription", "subscription"),
    ("month", "month monthly"),
    (
        "future",
        "will forecast predict prediction project projected projection expect estimate going_to gonna eventually",
    ),
    (
        "egress",
        "serve served egress bandwidth outbound outgoing transfer transferred transfers data_out traffic_out bytes_sent bytes_out data_transfer sent",
    ),
    ("download", "download downloaded downloading"),
    (
        "traffic",
        "poking poked snooping nosing traffic request hit call visit popular",
    ),
    (
        "prefix",
        "prefix folder directory dir path subfolder prefixes directories",
    ),
    (
        "object",
        "object file key item blob image video photo picture thing",
    ),
    ("bucket", "bucket"),
    (
        "most",
        "most top biggest largest highest greatest heaviest worst main max maximum leading hungriest priciest costliest busiest",
    ),
    (
        "large",
        "over exceeding how_full biggest largest large huge heaviest big bigger larger heavy fattest fat massive size sized",
    ),
    ("average", "average mean avg typical"),
    ("small", "smaller under_kb less_than smallest tiny small"),
    ("many", "many much number count amount total volume"),
    (
        "noncurrent",
        "versions noncurrent non_current non-current old_version previous_version prior_version older_version past_version superseded version obsolete_version",
    ),
    (
        "incomplete",
        "incomplete unfinished multipart half-finished half_finished aborted_upload abandoned_upload dangling partial_upload stale_upload orphaned pending_upload failed_upload started_upload never_finished mpu",
    ),
    (
        "cold",
        "stale nobody_downloaded nobody_downloads nobody_accessed nobody_touched nobody_opens nobody_uses nobody_used never_touched never_opened never_used no_one_downloaded no_one_read no_one_accessed cold unread untouched unused unaccessed unopened idle dormant not_read never_read nobody_read not_been_read nobody_reads not_accessed never_accessed not_been_accessed not_touched not_opened not_been_touched hasn't_been_read hasn't_been_touched haven't_been_read hasn't_been_accessed no_one_reads nobody_has_read nobody_opened no_one_has_read weren't_read wasn't_read without_reads dead_weight gathering_dust not_used hasn't_read not_downloaded never_downloaded wasn't_accessed were_not_read was_not_read",
    ),
    ("hot", "hottest hot popular most_read most_downloaded"),
    (
        "allowance",
        "allowance included free_tier include quota bundled free",
    ),
    ("when", "when what_day how_soon how_long_until date what_time"),
    (
        "anonymous",
        "anonymous anonymously public publicly unauthenticated unsigned without_credentials no_credentials without_login without_signing without_auth without_keys without_logging_in not_logged_in unauthorised_read open_to_the_world guest",
    ),
    (
        "read",
        "read get fetch access accessed opened viewed retrieved look looked saw seen",
    ),
    ("ip", "ip ips address addresses"),
    (
        "forbidden",
        "403 403s forbidden denied refused rejected blocked access_denied unauthorized turned_away permission_error",
    ),
    (
        "succeed",
        "succeed success successful succeeded got_in get_in let_in afterwards then",
    ),
    (
        "sigv2",
        "sigv2 sig_v2 signature_v2 v2_signature signature_version_2 signature_version v2_signing old_signature signing legacy_signature aws2 outdated_signature",
    ),
    (
        "tls",
        "tls ssl tls1.0 tls1.1 tlsv1 tlsv1.0 tlsv1.1 tls1 weak_encryption cipher old_encryption",
    ),
    (
        "old",
        "old outdated legacy obsolete deprecated ancient below older",
    ),
    ("protocol", "protocol signature encryption"),
    (
        "requester",
        "requester user account principal identity caller arn credential",
    ),
    (
        "client",
        "client agent user_agent program tool software sdk app application",
    ),
    ("referer", "referer referrer website"),
    (
        "first_time",
        "first-time newcomers is_new are_new anyone_new somebody_new someone_new newly_seen first_time newcomer never_seen unfamiliar unknown_requester new_requester new_user new_account new_client new_ip first_appeared appeared not_seen_before showed_up show_up new_face brand_new first_seen stranger new_identity new_identities new_principal new_caller popped_up appear never_saw",
    ),
    (
        "leak",
        "leak leaked compromised stolen exposed breached hacked breach stole got_out fell_into lost_key misused pwned",
    ),
    (
        "mass",
        "mass bulk exfiltration exfiltrate scrape scraping scraper scraped siphon hoover mass-download bulk-download downloaded_everything copied_everything data_theft steal mirrored pulling_everything pull_everything pulled_everything taking_everything took_everything grabbing_everything downloading_everything copying_everything everything_out unusually_many big_download huge_download large_download sucking grabbed_everything",
    ),
    (
        "latency",
        "latency slow slower fast faster p50 p95 p99 percentile response_time first_byte first-byte ttfb speed turnaround performance median how_responsive latencies slowness sluggish",
    ),
    (
        "server_error",
        "5xx 5xxs 500 500s 502 503 503s slowdown slow_down server_error throttle throttled throttling internal_error 5xx_errors server-side_errors unavailable outage",
    ),
    ("error", "error failure fail failing failed 4xx broken errors"),
    (
        "not_found",
        "404 404s not_found nosuchkey missing_key absent dead_link broken_link ghost missing_file missing_object missing_files nonexistent don't_exist doesn't_exist not_exist does_not_exist do_not_exist",
    ),
    (
        "limit",
        "limit headroom ceiling cap rate_limit request_limit rate_limiting request_rate maxing_out per_second rps",
    ),
    (
        "near",
        "near close approach approaching headroom away far nearing room",
    ),
    ("rate", "rate share ratio percentage"),
    (
        "grow",
        "much_larger much_bigger grow grew growth growing grown increase increased increasing expand expanded gain gained bloat swell balloon ballooned bigger got_bigger put_on add_up",
    ),
    (
        "explain",
        "why explain explanation cause caused reason driver drive responsible behind due what_made blame account_for accounts_for",
    ),
    (
        "reach",
        "reach hit cross pass exceed run_out use_up full fill surpass break_through exhaust get_to arrive run_over run_through blow used_up end",
    ),
    (
        "distribution",
        "distribution histogram breakdown spread distributed percentiles_of_size buckets_of_size",
    ),
    ("age", "age ages how_old oldest"),
    (
        "type",
        "type extension format kind suffix mime filetype content-type",
    ),
    (
        "store",
        "space gigabytes gigabyte terabytes terabyte hold held store stored storage occupy take_up takes_up taking_up disk consume eat eats eating use_most weigh keep byte",
    ),
    (
        "hog",
        "eating eats hog hogs hogging gobbling devouring filling_up fills_up bytes_go space_go storage_go",
    ),
    ("nobody", "nobody no_one noone none"),
    ("server", "server servers"),
    (
        "delete",
        "delete deleted deletion remove removed removal erase wiped wipe nuke nuked gone vanish vanished disappear disappeared kill killed trash dropped rm destroyed purge purged unlink got_rid missing zapped",
    ),
    (
        "who",
        "who whom whose culprit whodunit which_user which_ip which_address which_client by_whom which_requester",
    ),
    (
        "happened",
        "happened happen history event timeline audit trail life story chronology everything biography lifecycle_of all_that",
    ),
    (
        "upload",
        "upload uploaded put wrote written write push pushed added create created modified overwrite overwrote overwritten changed",
    ),
    ("last", "last latest recent recently newest newly most_recent"),
    (
        "do",
        "did do doing done activity action behaviour behavior up_to touched touch",
    ),
    (
        "lifecycle",
        "lifecycle expiration expiry automatic automatically by_itself rule expired expire life-cycle auto-delete auto_delete",
    ),
    (
        "complete",
        "delivered all_logs all_the_logs complete completeness gap delay delayed late lag fresh up_to_date coverage ingested all_there behind_schedule caught_up whole all_in missing arrive arrived trust",
    ),
    ("log", "log logs logging access_log"),
    (
        "setting",
        "logging versioning versioned lifecycle abort_rule abort_rules policy policies acl cors encryption encrypted object_lock abort-incomplete configured configuration settings misconfigured posture set_up",
    ),
    (
        "without",
        "no without lack lacking missing unset disabled not don't doesn't isn't aren't off haven't hasn't never forgot lacks",
    ),
    (
        "empty",
        "zero_size zero-size no_content empty zero-byte zero_byte zero_bytes 0_byte 0_bytes zero-length zero_length 0-byte zerobyte",
    ),
    (
        "odd",
        "strange_character special_character weird_character funny_character strange_letters odd oddly weird strangely funny ugly strange_names odd_name weirdly_named control_character bad_name bad_names strange_name badly_named oddly_named crazy_name",
    ),
    (
        "duplicate",
        "duplicate dupe dup duplicated copies identical twice redundant same_file same_content",
    ),
    ("list", "list show what which display enumerate give tell see"),
    (
        "compare",
        "compare compared comparison against versus vs than difference differ differs change changed",
    ),
    (
        "strange",
        "hammer hammering hammered flooding flooded bombarding bombarded pounding ddos anomaly anomalies unusual strange abnormal spike spikes weird outlier out_of_the_ordinary odd_going peculiar",
    ),
    (
        "security",
        "security secure suspicious attack attacker threat risk dangerous intrusion incident any_finding new_finding open_finding abuse worry alarming safe",
    ),
    (
        "diff",
        "what_changed changes_in changed_in differences_between what_is_different",
    ),
    (
        "hello",
        "hello hi hey good_morning good_afternoon good_evening greetings howdy yo moin",
    ),
    (
        "help",
        "help what_can_you_do what_can_you what_do_you_know how_do_you_work capabilities what_can_i_ask who_are_you what_are_you",
    ),
    ("thanks", "thanks thank thank_you thx cheers great_job ta"),
    ("operation", "operation method verb"),
    ("status", "status statuses status_code"),
    ("snapshot", "snapshot snapshots"),
    ("inventory", "inventory inventories"),
];

/// Words that mean nothing by themselves: never taken for a typo of another, nor for a name.
pub(super) const COMMON: &str = "a an the and or of in on at to from for by with about into over under below above is are was were be been being am i \
    me my mine we us our you your it its this that these those there here he she they them his her their what which when where why how who whom \
    whose all any some each every none no not only just also too very can could may might must shall should would will do does did done have has had \
    having please show tell give list find get got let make made need want like know see look say said go goes going went come came week weeks day \
    days hour hours minute minutes month months year years today yesterday tomorrow now then than so if else but as up down out off again still ever \
    never always since until till between during within last next past first second third one two three four five six seven eight nine ten twenty \
    thirty ninety hundred most more less least much many few lot lots same other another own such both either neither while because though through \
    per via back turn turned turning switch switched there's what's who's that's it's i'm we're don't doesn't didn't isn't aren't can't won't seem seems use used using right around \
    ago before after part parts time times name names number thing things kind anything something everything nothing anyone anybody someone somebody \
    nobody everyone well currently exactly actually really altogether overall entire whole page data inside between half other others long been \
    bytes byte mb gb tb kb mib gib tib day's morning night noon midnight evening afternoon past ones stuff start started starting case way own ok okay \
    please thanks been hold term terms against even yet onto across along both keep kept took take takes taken far";

//! What the demo says when it is ready.

use std::fmt::Write;

use console::Style;
use spacewatch_demo::RunningStore;
use spacewatch_model::Secret;

/// What the banner tells.
pub(super) struct Facts<'a> {
    pub(super) url: &'a str,
    pub(super) store: &'a RunningStore,
    /// The key made for this demo; the operator's own is not shown.
    pub(super) made_api_key: Option<&'a Secret>,
    /// The port that was taken, where it was.
    pub(super) moved_from: Option<u16>,
}

/// The banner of the whole demo.
pub(super) fn whole(facts: &Facts<'_>) -> String {
    let bold = Style::new().bold();
    let (url, endpoint) = (facts.url, facts.store.endpoint());
    let mut text = format!(
        "\n{}\n",
        bold.apply_to("SpaceWatch demo: a made-up store in memory, no account, no network")
    );
    if let Some(port) = facts.moved_from {
        let _ = writeln!(text, "port {port} is taken, so it listens on the next free one");
    }
    let _ = writeln!(
        text,
        "\n  dashboard   {}",
        Style::new().bold().cyan().apply_to(url)
    );
    let _ = writeln!(text, "  store       {endpoint}");
    match facts.made_api_key {
        Some(key) => {
            let _ = writeln!(text, "  admin key   {}   (header X-API-Key)", key.expose());
        }
        None => text += "  admin key   yours, from APP_API_KEY   (header X-API-Key)\n",
    }
    text += &keys(facts.store);
    let _ = writeln!(text, "\n{}", bold.apply_to("Three things to try"));
    let _ = writeln!(text, "  1. open {url} and choose \"Try the demo\"");
    if let Some(tenant) = facts.store.tenants().first() {
        let (id, secret) = (&tenant.access_key_id, tenant.secret_access_key.expose());
        let bucket = tenant.buckets.first().map_or("", String::as_str);
        let _ = writeln!(
            text,
            "  2. curl -H 'X-Spaces-Key: {id}' \\\n       -H 'X-Spaces-Secret: {secret}' \\\n       '{url}/tools/storage-summary?bucket={bucket}'"
        );
        let _ = writeln!(
            text,
            "  3. SPACES_SECRET={secret} \\\n       spacewatch du {bucket} --depth 1 --key {id} \\\n       --endpoint {endpoint}"
        );
    }
    text += "\nCtrl-C ends it\n";
    text
}

/// The banner of the store alone.
pub(super) fn store_only(store: &RunningStore) -> String {
    let endpoint = store.endpoint();
    let mut text = format!(
        "\n{}\n",
        Style::new()
            .bold()
            .apply_to("SpaceWatch demo store: S3 in memory, for any tool")
    );
    let _ = writeln!(
        text,
        "\n  endpoint    {}",
        Style::new().bold().cyan().apply_to(&endpoint)
    );
    text += &keys(store);
    if let Some(tenant) = store.tenants().first() {
        let _ = writeln!(
            text,
            "\n{}\n  AWS_ACCESS_KEY_ID={} AWS_SECRET_ACCESS_KEY={} \\\n    aws --region us-east-1 --endpoint-url {endpoint} s3 ls",
            Style::new().bold().apply_to("For example"),
            tenant.access_key_id,
            tenant.secret_access_key.expose(),
        );
    }
    text += "\nCtrl-C ends it\n";
    text
}

/// The keys, which are no secrets here: the store is made up.
fn keys(store: &RunningStore) -> String {
    let bold = Style::new().bold();
    let mut text = String::new();
    for tenant in store.tenants() {
        let _ = writeln!(
            text,
            "\n{}: {}",
            bold.apply_to(&tenant.name),
            tenant.buckets.join(", ")
        );
        let _ = writeln!(text, "  key         {}", tenant.access_key_id);
        let _ = writeln!(text, "  secret      {}", tenant.secret_access_key.expose());
        if let Some(bucket) = super::bucket_ending(&tenant.buckets, "-logs") {
            let _ = writeln!(
                text,
                "  logs        {bucket}, keys under {}",
                spacewatch_demo::LOG_PREFIX
            );
        }
    }
    for key in store.limited_keys() {
        let buckets: Vec<_> = key.grants.iter().map(|(bucket, _)| bucket.as_str()).collect();
        let _ = writeln!(
            text,
            "\n{} of {}: only {}",
            bold.apply_to("Limited key"),
            key.tenant,
            buckets.join(", ")
        );
        let _ = writeln!(text, "  key         {}", key.access_key_id);
        let _ = writeln!(text, "  secret      {}", key.secret_access_key.expose());
    }
    text
}

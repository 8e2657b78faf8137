//! What `doctor` explains.

use std::fmt::Write;

use expect_test::{Expect, expect};
use spacewatch_demo::{DemoStore, Grant};
use spacewatch_insight::{Diagnose, DiagnoseArgs, Tenant, Tool};

use crate::kit::Kit;

async fn check(tenant: &Tenant, expected: Expect) {
    let found = Diagnose::run(tenant, DiagnoseArgs::default())
        .await
        .expect("an answer");
    let mut text = format!("healthy: {}\n", found.healthy);
    for check in found.checks {
        let bucket = check
            .bucket
            .map(|bucket| format!(" {bucket}"))
            .unwrap_or_default();
        let detail = check.detail.split(" (").next().unwrap_or_default().to_owned();
        writeln!(text, "{:?} {}{bucket}: {detail}", check.status, check.name).expect("a String");
    }
    expected.assert_eq(&text);
}

#[tokio::test]
async fn explains_what_works() {
    let store = DemoStore::empty()
        .with_bucket("plain")
        .with_versioned_bucket("versioned")
        .with_limited_key("limited", "limited-secret", &[("plain", Grant::Read)]);
    let kit = Kit::start(store).await;
    check(
        &kit.tenant(),
        expect![[r#"
            healthy: true
            Ok credentials: the store accepts these keys
            Ok list-buckets: 2 buckets
            Ok bucket plain: can be listed
            Ok versioning plain: not set up
            Note logging plain: off: who reads and writes here is not recorded
            Ok lifecycle plain: not set up
            Ok bucket versioned: can be listed
            Ok versioning versioned: on
            Note logging versioned: off: who reads and writes here is not recorded
            Ok lifecycle versioned: not set up
            Note log-bucket: no log bucket is named
            Note metrics-bucket: no metrics bucket is named
        "#]],
    )
    .await;
    check(
        &kit.tenant_with("test-key", "wrong"),
        expect![[r#"
        healthy: false
        Failed credentials: the store rejected these keys
    "#]],
    )
    .await;
    let mut limited = kit.tenant_with("limited", "limited-secret");
    check(
        &limited,
        expect![[r#"
            healthy: true
            Ok credentials: the store knows these keys
            Note list-buckets: these keys may not list buckets
            Warning bucket: no bucket is known to look at
            Note log-bucket: no log bucket is named
            Note metrics-bucket: no metrics bucket is named
        "#]],
    )
    .await;
    limited.log_bucket = Some("plain".parse().expect("a name"));
    check(
        &limited,
        expect![[r#"
            healthy: true
            Ok credentials: the store knows these keys
            Note list-buckets: these keys may not list buckets
            Ok bucket plain: can be listed
            Note versioning plain: these keys may not see this
            Note logging plain: these keys may not see this
            Note lifecycle plain: these keys may not see this
            Note metrics-bucket: no metrics bucket is named
        "#]],
    )
    .await;
}

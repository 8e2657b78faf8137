//! What `posture` makes of settings.

use std::fmt::Write;

use expect_test::{Expect, expect};
use serde_json::json;
use spacewatch_demo::{CannedAcl, DemoStore, Effect, Fault, Grant, Operation, When};
use spacewatch_insight::{
    Answer, InventoryRun, Posture, PostureArgs, PostureOutput, SettingName, SettingState, Tenant, Tool,
};
use spacewatch_model::{Clock, ErrorCode};
use spacewatch_s3::PutMode;

use crate::kit::Kit;

const SETTINGS: [Operation; 11] = [
    Operation::GetBucketLogging,
    Operation::GetBucketVersioning,
    Operation::GetBucketLifecycle,
    Operation::GetBucketPolicy,
    Operation::GetBucketPolicyStatus,
    Operation::GetBucketAcl,
    Operation::GetBucketCors,
    Operation::GetBucketEncryption,
    Operation::GetObjectLockConfiguration,
    Operation::GetPublicAccessBlock,
    Operation::GetBucketOwnershipControls,
];

fn policy(effect: &str, action: &str, more: &str) -> String {
    format!(
        r#"{{"Statement":[{{"Effect":"{effect}","Principal":"*","Action":"{action}","Resource":["arn:aws:s3:::photos","arn:aws:s3:::photos/*"]{more}}}]}}"#
    )
}

async fn ask(tenant: &Tenant, bucket: Option<&str>) -> PostureOutput {
    let bucket = bucket.map(|name| name.parse().expect("a name"));
    Posture::run(tenant, PostureArgs { bucket })
        .await
        .expect("an answer")
}

fn findings(found: &PostureOutput) -> String {
    let mut text = String::new();
    for finding in &found.findings {
        let shown = finding.setting.as_ref().map_or("-", |setting| &setting.name);
        writeln!(
            text,
            "{} {} ({shown}): {}",
            finding.severity.as_str(),
            finding.id,
            finding.title
        )
        .expect("a String");
    }
    text
}

fn states(found: &PostureOutput) -> String {
    let mut text = String::new();
    for setting in found.buckets.iter().flat_map(|bucket| &bucket.settings) {
        writeln!(
            text,
            "{}: {:?}: {}",
            setting.name.as_str(),
            setting.state,
            setting.detail
        )
        .expect("a String");
    }
    text
}

async fn check(store: DemoStore, bucket: &str, expected: Expect) {
    let kit = Kit::start(store).await;
    expected.assert_eq(&findings(&ask(&kit.tenant(), Some(bucket)).await));
}

/// A bucket that nothing can be said against.
fn safe() -> DemoStore {
    DemoStore::empty()
        .with_versioned_bucket("photos")
        .with_object("photos", "secret", "x")
        .with_logging("photos", "logs", "photos/")
        .with_expiry("photos", "", None, Some(7))
        .with_encryption("photos")
}

#[tokio::test]
async fn settings_are_told() {
    let kit = Kit::start(
        safe()
            .with_policy("photos", &policy("Allow", "s3:GetObject", ""))
            .with_cors("photos", &["https://a.example"], &["GET"])
            .with_object_lock("photos", 30)
            .with_public_access_block("photos"),
    )
    .await;
    let found = ask(&kit.tenant(), Some("photos")).await;
    expect![[r#"
        logging: Set: to `logs` under `photos/`
        versioning: Set: every version is kept
        lifecycle: Set: `*`: drop incomplete uploads after 7 days
        policy: Set: 1 statement; everybody may read objects
        policy_status: Set: the store calls the policy public
        acl: Set: the owner: FULL_CONTROL
        public_listing: NotSet: asked without keys, the store refuses
        cors: Set: GET from https://a.example
        encryption: Set: AES256
        object_lock: Set: on, COMPLIANCE for 30 days
        public_access_block: Set: refuses public ACLs, ignores public ACLs, refuses public policies, restricts public policies
        ownership: NotSet: not set
    "#]].assert_eq(&states(&found));
    let policy = &found.buckets[0].settings[3];
    assert!(
        policy
            .document
            .as_deref()
            .is_some_and(|text| text.contains("s3:GetObject")),
        "the policy as it was sent"
    );
    expect![[""]].assert_eq(&findings(&found));
}

#[expect(clippy::too_many_lines, reason = "one story, told in order")]
#[tokio::test]
async fn doors_that_stand_open() {
    check(safe(), "photos", expect![[""]]).await;
    check(
        safe().with_acl("photos", CannedAcl::PublicRead),
        "photos",
        expect![[r#"
            high public-listing/photos (acl): anybody can list bucket `photos`
        "#]],
    )
    .await;
    check(
        safe().with_acl("photos", CannedAcl::PublicReadWrite),
        "photos",
        expect![[r#"
            critical public-write-acl/photos (acl): the ACL of bucket `photos` lets everybody write
            high public-listing/photos (acl): anybody can list bucket `photos`
        "#]],
    )
    .await;
    check(
        safe().with_acl("photos", CannedAcl::AuthenticatedRead),
        "photos",
        expect![[r#"
            high public-read-acl/photos (acl): the ACL of bucket `photos` lets anybody with an account at this store list it
        "#]],
    )
    .await;
    let blocked = safe()
        .with_acl("photos", CannedAcl::PublicReadWrite)
        .with_policy("photos", &policy("Allow", "s3:*", ""))
        .with_public_access_block("photos");
    check(blocked, "photos", expect![[""]]).await;
    for (action, more, expected) in [
        (
            "s3:GetObject",
            "",
            expect![[r#"
            info public-read-policy/photos (policy): the policy of bucket `photos` lets everybody read objects
        "#]],
        ),
        (
            "s3:ListBucket",
            "",
            expect![[r#"
            high public-listing/photos (policy): anybody can list bucket `photos`
        "#]],
        ),
        (
            "s3:*",
            "",
            expect![[r#"
            critical public-write-policy/photos (policy): the policy of bucket `photos` lets everybody read objects, list keys, write or delete objects, change how the bucket is set up
            high public-listing/photos (policy): anybody can list bucket `photos`
        "#]],
        ),
        (
            "s3:PutBucketPolicy",
            "",
            expect![[r#"
            critical public-write-policy/photos (policy): the policy of bucket `photos` lets everybody change how the bucket is set up
        "#]],
        ),
        (
            "s3:PutObject",
            r#","Condition":{"IpAddress":{"aws:SourceIp":"192.0.2.0/24"}}"#,
            expect![[r#"
                low confined-policy/photos (policy): the policy of bucket `photos` lets everybody from an address, account or organization that it names write or delete objects (aws:SourceIp)
            "#]],
        ),
        (
            "s3:PutObject",
            r#","Condition":{"StringLike":{"aws:Referer":"https://a.example/*"}}"#,
            expect![[r#"
                high claimable-policy/photos (policy): the policy of bucket `photos` lets everybody who claims to come from the right page or program write or delete objects (aws:Referer)
            "#]],
        ),
        (
            "s3:PutObject",
            r#","Condition":{"Null":{"aws:TokenIssueTime":"false"}}"#,
            expect![[r#"
                medium conditional-policy/photos (policy): the policy of bucket `photos` lets everybody who meets its conditions write or delete objects (aws:TokenIssueTime)
            "#]],
        ),
        (
            "s3:GetObject",
            r#","Condition":7"#,
            expect![[r#"
            low unclear-policy/photos (policy): the policy of bucket `photos` can't be understood in full
        "#]],
        ),
    ] {
        check(
            safe().with_policy("photos", &policy("Allow", action, more)),
            "photos",
            expected,
        )
        .await;
    }
    check(
        safe().with_policy("photos", "{ no policy"),
        "photos",
        expect![[r#"
            low unclear-policy/photos (policy): the policy of bucket `photos` can't be understood in full
        "#]],
    )
    .await;
    check(
        safe().with_cors("photos", &["*"], &["GET", "PUT"]),
        "photos",
        expect![[r#"
            medium cors-any-origin-writes/photos (cors): pages of any site may write to bucket `photos`
        "#]],
    )
    .await;
    check(
        safe().with_cors("photos", &["*"], &["GET", "HEAD"]),
        "photos",
        expect![[""]],
    )
    .await;
}

#[tokio::test]
async fn what_is_missing() {
    check(
        DemoStore::empty().with_object("photos", "a", "x"),
        "photos",
        expect![[r#"
            medium no-logging/photos (-): nobody writes down who reads and writes bucket `photos`
            low no-abort-rule/photos (-): no rule ends uploads that nobody completes in bucket `photos`
            low no-encryption/photos (-): bucket `photos` has no default encryption
            low no-versioning/photos (-): bucket `photos` keeps no older versions of objects
        "#]],
    )
    .await;
    check(
        safe().with_expiry("photos", "", Some(30), None),
        "photos",
        expect![[r#"
            medium lifecycle-deletes-everything/photos (lifecycle): a lifecycle rule deletes every object of bucket `photos` after 30 days
        "#]],
    )
    .await;
    check(
        safe().with_expiry("photos", "tmp/", Some(1), None),
        "photos",
        expect![[""]],
    )
    .await;
    check(
        safe().with_logging("photos", "photos", "logs/"),
        "photos",
        expect![[r#"
            high logs-into-itself/photos (logging): bucket `photos` logs into itself
        "#]],
    )
    .await;
}

/// A line of today's log.
fn line(kit: &Kit, bucket: &str) -> String {
    let now = kit.clock.now();
    format!(
        "owner {bucket} [{}] 192.0.2.7 arn:x REQ1 REST.GET.OBJECT a \"GET /{bucket}/a HTTP/1.1\" 200 - 5 5 2 1 \"-\" \"agent\" - host SigV4 \
         CIPHER AuthHeader {bucket}.example TLSv1.2 - -\n",
        now.strftime("%d/%b/%Y:%H:%M:%S +0000")
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_tells_what_the_setting_does_not() {
    let store = DemoStore::empty()
        .with_object("photos", "a", "x")
        .with_object("quiet", "a", "x")
        .with_bucket("logs");
    let kit = Kit::start(store).await;
    let mut tenant = kit.tenant();
    tenant.log_bucket = Some("logs".parse().expect("a name"));
    let unlogged = |found: &PostureOutput| {
        let unlogged = found
            .findings
            .iter()
            .filter(|finding| finding.rule == "no-logging");
        let names = unlogged.filter_map(|finding| finding.bucket.as_ref().map(ToString::to_string));
        names.collect::<Vec<_>>()
    };
    let logging = |found: &PostureOutput| {
        let rows = found.buckets.iter().filter(|row| !row.is_log_bucket);
        rows.map(|row| row.hygiene.logging).collect::<Vec<_>>()
    };
    // Nobody asked the log before, and it holds a line by now: it is read first.
    let (bucket, key) = ("logs".parse().expect("a name"), "1".parse().expect("a key"));
    let put = tenant
        .store
        .put_object(&bucket, &key, line(&kit, "photos").into(), PutMode::Overwrite);
    put.await.expect("written");
    let found = ask(&tenant, None).await;
    assert_eq!(unlogged(&found), ["quiet"]);
    assert_eq!(logging(&found), [Answer::Yes, Answer::No]);
    assert!(states(&found).contains("the access log holds requests to this bucket"));
    // A log that can't be read might tell of any bucket.
    kit.store.faults().add(
        Fault::new(Effect::Denied)
            .on(Operation::ListObjectsV2)
            .in_bucket("logs"),
    );
    kit.clock.advance(std::time::Duration::from_secs(120));
    let found = ask(&tenant, None).await;
    assert!(unlogged(&found).is_empty());
    assert_eq!(logging(&found), [Answer::Unknown, Answer::Unknown]);
}

#[tokio::test(flavor = "multi_thread")]
async fn uploads_that_wait_make_a_missing_rule_worse() {
    let kit = Kit::start(DemoStore::empty().with_object("photos", "a", "x")).await;
    let tenant = kit.tenant();
    let begun = kit.clock.now().as_second();
    kit.store
        .handle()
        .begin_upload("photos", "big", begun, &[700, 34]);
    let run = serde_json::from_value(json!({"bucket": "photos", "wait": true})).expect("arguments");
    InventoryRun::run(&tenant, run).await.expect("an inventory");
    let found = ask(&tenant, Some("photos")).await;
    let rule = found
        .findings
        .iter()
        .find(|finding| finding.rule == "no-abort-rule");
    let rule = rule.expect("a finding");
    assert_eq!(rule.severity.as_str(), "medium");
    assert!(
        rule.title.ends_with("in bucket `photos`, and 1 wait there"),
        "{}",
        rule.title
    );
    let figures: Vec<_> = rule.figures.iter().map(|figure| figure.value).collect();
    assert_eq!(figures, [1.0, 734.0]);
}

/// A store may show everybody an empty page of a bucket that holds something: that opens nothing.
#[tokio::test]
async fn a_page_for_strangers_that_differs_proves_nothing() {
    let store = safe().with_acl("photos", CannedAcl::PublicRead);
    let kit = Kit::start(store).await;
    let empty = Effect::TruncatePage {
        keep: 0,
        honest: false,
    };
    // Strangers are asked for first.
    let fault = Fault::new(empty).on(Operation::ListObjectsV2).when(When::Next(1));
    kit.store.faults().add(fault);
    let found = ask(&kit.tenant(), Some("photos")).await;
    let listing = found.buckets[0].settings.iter();
    let listing: Vec<_> = listing
        .filter(|setting| setting.name == SettingName::PublicListing)
        .map(|setting| setting.state)
        .collect();
    assert_eq!(listing, [SettingState::Unclear]);
    assert!(
        found
            .findings
            .iter()
            .all(|finding| finding.rule != "public-listing")
    );
    // What the ACL grants is said all the same.
    assert!(
        found
            .findings
            .iter()
            .any(|finding| finding.rule == "public-read-acl")
    );
}

#[tokio::test]
async fn log_buckets_are_worse_and_need_less() {
    let store = safe().with_acl("logs", CannedAcl::PublicRead);
    let kit = Kit::start(store).await;
    // Known by the setting of the other bucket, or because it was named.
    let all = findings(&ask(&kit.tenant(), None).await);
    expect![[r#"
        critical public-listing/logs (acl): anybody can list log bucket `logs`
        low no-abort-rule/logs (-): no rule ends uploads that nobody completes in bucket `logs`
        low no-encryption/logs (-): bucket `logs` has no default encryption
    "#]]
    .assert_eq(&all);
    let mut tenant = kit.tenant();
    tenant.log_bucket = Some("logs".parse().expect("a name"));
    assert_eq!(findings(&ask(&tenant, Some("logs")).await), all);
}

#[tokio::test]
async fn question_29() {
    let store = safe()
        .with_object("bare", "a", "x")
        .with_object("partly", "a", "x")
        .with_expiry("partly", "tmp/", Some(3), Some(1));
    let kit = Kit::start(store).await;
    let summary = ask(&kit.tenant(), None).await.summary;
    let names = |names: &[spacewatch_model::BucketName]| {
        names
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(" ")
    };
    for (tally, with, without) in [
        (&summary.logging, 1, "bare logs partly"),
        (&summary.versioning, 1, "bare logs partly"),
        (&summary.lifecycle, 2, "bare logs"),
        (&summary.abort_rule, 2, "bare logs"),
    ] {
        assert_eq!((tally.with, names(&tally.without).as_str()), (with, without));
        assert!(tally.unknown.is_empty());
    }
}

/// Whatever the store does instead of telling a setting, it is told apart, and none of it counts as off.
#[tokio::test]
async fn stores_in_all_moods() {
    let kit = Kit::start(DemoStore::empty().with_object("photos", "a", "x")).await;
    for (effect, state, answer) in [
        (Effect::Denied, SettingState::NotAllowed, Answer::NotAllowed),
        (
            Effect::NotImplemented,
            SettingState::NotSupported,
            Answer::NotSupported,
        ),
        (
            Effect::IgnoreSubresources,
            SettingState::NotSupported,
            Answer::NotSupported,
        ),
        (Effect::Hidden, SettingState::Failed, Answer::Unknown),
    ] {
        for operation in SETTINGS {
            kit.store.faults().add(Fault::new(effect.clone()).on(operation));
        }
        let found = ask(&kit.tenant(), None).await;
        kit.store.faults().clear();
        let bucket = &found.buckets[0];
        for setting in &bucket.settings {
            if setting.name.as_str() != "public_listing" {
                assert_eq!(
                    setting.state,
                    state,
                    "{}: {}",
                    setting.name.as_str(),
                    setting.detail
                );
            }
        }
        let hygiene = bucket.hygiene;
        assert_eq!(
            [
                hygiene.logging,
                hygiene.versioning,
                hygiene.lifecycle,
                hygiene.abort_rule
            ],
            [answer; 4]
        );
        assert_eq!(findings(&found), "", "a finding from nothing");
        assert_eq!(found.summary.logging.unknown.len(), 1);
        let not_allowed = if state == SettingState::NotAllowed { 11 } else { 0 };
        assert_eq!(bucket.not_allowed.len(), not_allowed);
    }
}

/// Ceph lists the bucket when it is asked for its encryption; then its empty logging status proves nothing.
#[tokio::test]
async fn a_store_like_ceph() {
    let kit = Kit::start(DemoStore::empty().with_object("photos", "a", "x")).await;
    kit.store.faults().add(Fault::new(Effect::IgnoreSubresources));
    let found = ask(&kit.tenant(), Some("photos")).await;
    expect![[r#"
        logging: Unclear: the store tells of no log, but it answers settings that it doesn't know with something else, so that proves nothing
        versioning: NotSet: not set
        lifecycle: NotSet: not set
        policy: NotSet: not set
        policy_status: NotSet: not set
        acl: Set: the owner: FULL_CONTROL
        public_listing: NotSet: asked without keys, the store refuses
        cors: NotSet: not set
        encryption: NotSupported: not supported by this store: it answered with `ListBucketResult`
        object_lock: NotSet: not set
        public_access_block: NotSet: not set
        ownership: NotSupported: not supported by this store: it answered with `ListBucketResult`
    "#]].assert_eq(&states(&found));
    expect![[r#"
        low no-abort-rule/photos (-): no rule ends uploads that nobody completes in bucket `photos`
        low no-versioning/photos (-): bucket `photos` keeps no older versions of objects
    "#]]
    .assert_eq(&findings(&found));
    assert_eq!(found.buckets[0].hygiene.logging, Answer::Unknown);
}

#[tokio::test]
async fn limited_keys() {
    let store = DemoStore::empty()
        .with_object("photos", "a", "x")
        .with_object("other", "a", "x")
        .with_limited_key("limited", "limited-secret", &[("photos", Grant::Read)]);
    let kit = Kit::start(store).await;
    let mut tenant = kit.tenant_with("limited", "limited-secret");
    tenant.fallback_buckets = ["photos", "other"]
        .map(|name| name.parse().expect("a name"))
        .into();
    let found = ask(&tenant, None).await;
    assert_eq!(found.buckets.len(), 1);
    assert_eq!(found.buckets[0].not_allowed.len(), 11);
    assert_eq!(findings(&found), "");
    assert!(found.note.is_some(), "says that the keys are limited");
    // Nobody looks at somebody else's bucket through this door.
    let args = PostureArgs {
        bucket: Some("other".parse().expect("a name")),
    };
    let before = kit.store.requests().of(Operation::ListObjectsV2);
    let error = Posture::run(&tenant, args).await.expect_err("not theirs");
    assert_eq!(error.code, ErrorCode::AccessDenied);
    // The one with their keys, which was refused.
    assert_eq!(kit.store.requests().of(Operation::ListObjectsV2), before + 1);
}

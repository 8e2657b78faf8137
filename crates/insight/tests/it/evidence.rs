//! Evidence that is saved, and checked again after the log was touched.

use std::io::Cursor;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use spacewatch_demo::DemoStore;
use spacewatch_insight::{
    EvidenceBundle, EvidenceOf, Finding, Limit, Posture, PostureArgs, Tenant, Tool, ToolError, Verification,
    VerifiedBundle,
};
use spacewatch_model::ErrorCode;
use spacewatch_s3::PutMode;

use super::corpus;
use super::kit::Kit;

fn line(number: u32, who: &str, key: &str) -> String {
    format!(
        "owner photos [10/Feb/2026:00:{number:02}:00 +0000] 192.0.2.7 {who} REQ{number:04} REST.GET.OBJECT {key} \"GET /photos/{key} HTTP/1.1\" \
         200 - 5 5 2 1 \"-\" \"ag\u{e9}nt \u{202e}\" - host SigV4 CIPHER AuthHeader photos.example TLSv1.2 - -\n"
    )
}

/// Three log objects with two records each.
async fn kit() -> (Kit, Tenant) {
    let objects = ["a", "b", "c"].into_iter().zip([1, 3, 5]);
    let store = objects.fold(DemoStore::empty(), |store, (name, number)| {
        let text = line(number, "mallory", "x") + "no record\n" + &line(number + 1, "alice", name);
        store.with_object("logs", &format!("access/{name}"), text.as_str())
    });
    let kit = Kit::start(store).await;
    let tenant = Tenant {
        log_prefix: "access/".parse().expect("a prefix"),
        ..corpus::tenant(&kit)
    };
    (kit, tenant)
}

fn of<T: DeserializeOwned>(args: Value) -> Box<T> {
    Box::new(serde_json::from_value(args).expect("arguments"))
}

fn everything() -> EvidenceOf {
    EvidenceOf::SearchLogs(of(
        json!({"source_bucket": "*", "limit_matches": 1, "wait": true}),
    ))
}

async fn save(
    tenant: &Tenant,
    question: EvidenceOf,
    most: Option<Limit>,
) -> Result<EvidenceBundle, ToolError> {
    EvidenceBundle::save(tenant, question, most).await
}

fn open(saved: &EvidenceBundle) -> VerifiedBundle {
    VerifiedBundle::open(Cursor::new(saved.written.pieces.concat())).expect("a bundle")
}

fn counts(found: &Verification) -> [u64; 4] {
    [found.intact, found.altered, found.missing, found.unreadable]
}

async fn put(tenant: &Tenant, key: &str, text: String) {
    let (bucket, key) = ("logs".parse().expect("a name"), key.parse().expect("a key"));
    let put = tenant
        .store
        .put_object(&bucket, &key, text.into(), PutMode::Overwrite);
    put.await.expect("written");
}

async fn delete(tenant: &Tenant, key: &str) {
    let (bucket, key) = ("logs".parse().expect("a name"), key.parse().expect("a key"));
    tenant.store.delete_object(&bucket, &key).await.expect("deleted");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_saved_is_found_again_until_the_log_is_touched() {
    let (_kit, tenant) = kit().await;
    let saved = save(&tenant, everything(), None).await.expect("a bundle");
    assert!(saved.unverifiable.is_empty() && saved.file_name.starts_with("evidence-search-logs-"));
    let bundle = open(&saved);
    let manifest = bundle.manifest();
    assert_eq!(
        (manifest.records, manifest.objects, manifest.truncated),
        (6, 3, false)
    );
    assert_eq!(manifest.store.endpoint, tenant.store.endpoint().host());
    assert_eq!(manifest.store.log_prefix, "access/");
    assert_eq!(manifest.question.arguments, json!({"source_bucket": "*"}));
    assert_eq!(manifest.coverage["lines_read"], 9);
    let whole = String::from_utf8_lossy(&saved.written.pieces.concat()).into_owned();
    assert!(!whole.contains("test-secret") && !whole.contains("test-key"));

    let found = bundle.at_store(&tenant).await.expect("a check");
    assert!(found.verified);
    assert_eq!(counts(&found), [3, 0, 0, 0]);
    put(&tenant, "access/a", line(1, "mallory", "x")).await;
    delete(&tenant, "access/b").await;
    let found = bundle.at_store(&tenant).await.expect("a check");
    assert!(!found.verified);
    assert_eq!(counts(&found), [1, 1, 1, 0]);
    let verdicts: Vec<_> = found.objects.iter().map(|object| object.verdict).collect();
    assert_eq!(verdicts, ["altered", "missing", "intact"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn records_of_objects_that_are_gone_or_changed_are_saved_and_marked() {
    let (_kit, tenant) = kit().await;
    let first = save(&tenant, everything(), None).await.expect("a bundle");
    put(&tenant, "access/a", "something else\n".to_owned()).await;
    delete(&tenant, "access/b").await;
    let saved = save(&tenant, everything(), None).await.expect("a bundle");
    assert_eq!(saved.written.manifest.records, 6);
    let keys: Vec<_> = saved.unverifiable.iter().map(|(key, _)| key.as_str()).collect();
    assert_eq!(keys, ["access/a", "access/b"]);
    // The lines come from the lake, byte for byte.
    let lines = |saved: &EvidenceBundle| saved.written.pieces[5].clone();
    assert_eq!(lines(&saved), lines(&first));
    let found = open(&saved).at_store(&tenant).await.expect("a check");
    assert_eq!(counts(&found), [1, 1, 1, 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn audits_and_leaked_keys_are_questions_too() {
    let (_kit, tenant) = kit().await;
    let question = json!({"source_bucket": "photos", "object_key": "x", "from": "2026-02-10", "to": "2026-02-10", "limit": 1, "wait": true});
    let audit = save(&tenant, EvidenceOf::ObjectAudit(of(question)), None)
        .await
        .expect("a bundle");
    assert_eq!(audit.written.manifest.records, 3);
    let asked =
        json!({"source_bucket": "photos", "object_key": "x", "from": "2026-02-10", "to": "2026-02-10"});
    assert_eq!(audit.written.manifest.question.arguments, asked);
    let question =
        json!({"requester": "alice", "from": "2026-02-10T00:03:00Z", "to": "2026-02-11", "wait": true});
    let leaked = save(&tenant, EvidenceOf::LeakedKey(of(question)), None)
        .await
        .expect("a bundle");
    assert_eq!(
        (leaked.written.manifest.records, leaked.written.manifest.objects),
        (2, 2)
    );
}

fn of_finding(args: Value) -> EvidenceOf {
    EvidenceOf::Finding(of(args))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_setting_that_shows_a_finding_is_saved_whole() {
    let statement =
        r#"{"Effect":"Allow","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::photos/*"}"#;
    let policy = format!(r#"{{"Statement":[{statement}],"Id":"{}"}}"#, "x".repeat(10_000));
    let store = DemoStore::empty()
        .with_object("photos", "a", "x")
        .with_policy("photos", &policy);
    let kit = Kit::start(store).await;
    let tenant = kit.tenant();
    let found = Posture::run(&tenant, PostureArgs { bucket: None }).await;
    let found = found.expect("an answer");
    let shown = |finding: &&Finding| {
        finding
            .setting
            .as_ref()
            .is_some_and(|proof| proof.name == "policy")
    };
    let finding = found.findings.iter().find(shown).expect("an open policy");
    assert!(finding.setting.as_ref().is_some_and(|proof| proof.truncated));
    // No log is named, and none is needed.
    let saved = save(&tenant, of_finding(json!({"id": finding.id})), None).await;
    let saved = saved.expect("a bundle");
    let bundle = open(&saved);
    let manifest = bundle.manifest();
    assert_eq!((manifest.records, manifest.version), (0, 2));
    assert_eq!(manifest.question.arguments, json!({"id": finding.id}));
    let checked = bundle.at_store(&tenant).await.expect("a check");
    assert!(checked.verified);
    let [setting] = checked.settings.as_slice() else {
        panic!("one setting: {:?}", checked.settings);
    };
    assert_eq!(
        (setting.bucket.as_str(), setting.name.as_str()),
        ("photos", "policy")
    );
    assert_eq!(setting.document, policy);

    // What was mended is not found any more.
    let mended = Kit::start(DemoStore::empty().with_object("photos", "a", "x")).await;
    let error = save(&mended.tenant(), of_finding(json!({"id": finding.id})), None).await;
    let error = error.expect_err("nothing to save");
    assert_eq!(error.code, ErrorCode::NotFound);
    assert!(error.hint.is_some_and(|hint| hint.contains("mended")));
}

#[tokio::test(flavor = "multi_thread")]
async fn findings_that_nobody_has_are_refused() {
    let (_kit, tenant) = kit().await;
    let refused = async |args: Value| {
        let error = save(&tenant, of_finding(args), None).await.expect_err("nothing");
        (error.code, error.detail)
    };
    let day = "2026-02-10";
    let (code, detail) = refused(json!({"id": "sigv2", "date_yyyy_mm_dd": day, "wait": true})).await;
    assert_eq!(
        (code, detail.as_str()),
        (ErrorCode::NotFound, "`findings` finds no `sigv2`")
    );
    let (code, detail) =
        refused(json!({"id": "anomaly/requests/x", "date_yyyy_mm_dd": day, "wait": true})).await;
    assert_eq!(
        (code, detail.as_str()),
        (ErrorCode::NotFound, "`anomalies` finds no `anomaly/requests/x`")
    );
    for id in ["", "no-versioning", "no-versioning/NOT A BUCKET"] {
        assert_eq!(
            refused(json!({"id": id})).await.0,
            ErrorCode::InvalidValue,
            "{id}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_cut_without_a_word() {
    let (_kit, tenant) = kit().await;
    let saved = save(&tenant, everything(), Some(Limit(4)))
        .await
        .expect("a bundle");
    let manifest = &saved.written.manifest;
    assert_eq!(
        (manifest.records, manifest.objects, manifest.truncated),
        (4, 2, true)
    );
    let saved = save(&tenant, everything(), Some(Limit(6)))
        .await
        .expect("a bundle");
    assert!(!saved.written.manifest.truncated);
    let none = EvidenceOf::SearchLogs(of(json!({"source_bucket": "*", "ip": "10.0.0.1", "wait": true})));
    let saved = save(&tenant, none, None).await.expect("a bundle");
    assert_eq!(saved.written.manifest.records, 0);
    let found = open(&saved).at_store(&tenant).await.expect("a check");
    assert!(found.verified && found.objects.is_empty());
}

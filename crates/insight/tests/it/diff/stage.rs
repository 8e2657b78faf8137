//! A bucket with a history: everything done to it is written down as a store would, to be delivered whole or in part.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};
use spacewatch_demo::{DemoStore, StoreHandle};
use spacewatch_insight::{Diff, EvidenceBundle, EvidenceOf, SearchLogs, Tenant, Tool, ToolError};
use spacewatch_model::{Clock, ManualClock, Prefix, SystemClock, Timestamp};
use spacewatch_s3::{Progress, StoresConfig};

use crate::kit::Kit;

/// A line of the log to be.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    operation: &'static str,
    key: String,
    size: Option<u64>,
    version: Option<String>,
    status: u16,
    time: Option<Timestamp>,
}

impl Line {
    pub(crate) fn of(operation: &'static str, key: &str) -> Self {
        Self {
            operation,
            key: key.to_owned(),
            size: None,
            version: None,
            status: 200,
            time: None,
        }
    }

    pub(crate) fn refused(self) -> Self {
        Self { status: 403, ..self }
    }

    pub(crate) fn sized(self, size: u64) -> Self {
        Self {
            size: Some(size),
            ..self
        }
    }

    pub(crate) fn version(self, version: &str) -> Self {
        Self {
            version: Some(version.to_owned()),
            ..self
        }
    }

    fn written(&self, number: &str) -> String {
        let time = self.time.expect("a time").strftime("%d/%b/%Y:%H:%M:%S +0000");
        let once = |byte: u8| match byte {
            byte if byte.is_ascii_alphanumeric() || b"/-_.~".contains(&byte) => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        };
        let uri: String = self.key.bytes().map(once).collect();
        let text = |value: Option<String>| value.unwrap_or_else(|| "-".to_owned());
        let (size, version) = (
            text(self.size.map(|size| size.to_string())),
            text(self.version.clone()),
        );
        let (operation, status) = (self.operation, self.status);
        if operation.starts_with("S3.") {
            return format!(
                "owner photos [{time}] - AmazonS3 {number} {operation} {uri} \"-\" - - - {size} - - \"-\" \"-\" {version} - - - - - - -\n"
            );
        }
        if operation.starts_with("BATCH.") {
            return format!(
                "owner photos [{time}] 192.0.2.1 someone {number} {operation} {uri} - 204 - - {size} - - - - {version} host SigV4 \
                 CIPHER AuthHeader photos.example TLSv1.2 - -\n"
            );
        }
        let (twice, method) = (
            uri.replace('%', "%25"),
            operation.split('.').nth(1).expect("a method"),
        );
        format!(
            "owner photos [{time}] 192.0.2.1 someone {number} {operation} {twice} \"{method} /photos/{uri} HTTP/1.1\" {status} - 5 \
             {size} 20 10 \"-\" \"agent\" {version} host SigV4 CIPHER AuthHeader photos.example TLSv1.2 - -\n"
        )
    }
}

pub(crate) struct Stage {
    kit: Kit,
    clock: Arc<ManualClock>,
    lines: Vec<Line>,
    delivered: u32,
    folder: u32,
}

/// How a deed is known in the log.
pub(crate) fn request(number: usize) -> String {
    format!("REQ{number:05}")
}

impl Stage {
    pub(crate) async fn start(versions: bool) -> Self {
        let store = DemoStore::empty();
        Self::with(if versions {
            store.with_versioned_bucket("photos")
        } else {
            store.with_bucket("photos")
        })
        .await
    }

    pub(crate) async fn with(store: DemoStore) -> Self {
        let clock = Arc::new(ManualClock::starting_at(SystemClock::new().now()));
        let store = store.with_bucket("logs").with_clock(clock.clone());
        Self {
            kit: Kit::start_at(store, StoresConfig::default(), clock.clone()).await,
            clock,
            lines: Vec::new(),
            delivered: 0,
            folder: 0,
        }
    }

    pub(crate) fn handle(&self) -> StoreHandle {
        self.kit.store.handle()
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// How many deeds there were so far: the number of the next one.
    pub(crate) fn deeds(&self) -> usize {
        self.lines.len()
    }

    /// Whether the store did it by itself.
    pub(crate) fn is_by_rule(&self, number: usize) -> bool {
        self.lines[number].operation.starts_with("S3.")
    }

    /// The key that it was done to.
    pub(crate) fn key_of(&self, number: usize) -> &str {
        &self.lines[number].key
    }

    /// Writes a line down, at a moment of its own.
    pub(crate) fn log(&mut self, line: Line) {
        self.clock.advance(Duration::from_secs(60));
        self.note(line);
    }

    pub(crate) fn note(&mut self, line: Line) {
        let time = Some(self.clock.now());
        self.lines.push(Line { time, ..line });
    }

    pub(crate) fn put(&mut self, key: &str, size: u64) {
        self.write("REST.PUT.OBJECT", key, size);
    }

    pub(crate) fn write(&mut self, operation: &'static str, key: &str, size: u64) {
        self.log(Line::of(operation, key).sized(size));
        assert!(self.handle().put_sparse("photos", key, size, "text/plain"));
    }

    pub(crate) fn delete(&mut self, key: &str, operation: &'static str) {
        self.log(Line::of(operation, key));
        self.handle().delete("photos", key);
    }

    pub(crate) fn delete_version(&mut self, key: &str, version: &str) {
        self.log(Line::of("REST.DELETE.OBJECT", key).version(version));
        self.handle().delete_version("photos", key, version);
    }

    fn tenant(&self) -> Tenant {
        Tenant {
            log_bucket: Some("logs".parse().expect("a name")),
            log_prefix: format!("access{}/", self.folder).parse().expect("a prefix"),
            ..self.kit.tenant()
        }
    }

    /// Takes an inventory some time after the last deed. A store writes that down as well, but that is no deed.
    pub(crate) async fn scan(&mut self) {
        self.clock.advance(Duration::from_secs(900));
        let tenant = self.tenant();
        let inventory = tenant
            .inventories
            .open(&tenant.store, &"photos".parse().expect("a name"));
        inventory.start(&Prefix::default()).await.expect("a scan");
        inventory
            .finished(&Prefix::default(), &Progress::default())
            .await
            .expect("an inventory");
        self.note(Line::of("REST.GET.BUCKET", "-"));
        self.clock.advance(Duration::from_secs(60));
    }

    /// Not by a request: its time would lie too far from that of the machine.
    fn put_log(&mut self, text: String) {
        self.delivered += 1;
        let key = format!("access{}/{}", self.folder, self.delivered);
        assert!(self.handle().put_bytes("logs", &key, Bytes::from(text)));
    }

    /// Delivers the log long after, without some lines.
    pub(crate) fn deliver(&mut self, without: &[usize]) {
        self.clock.advance(Duration::from_secs(3 * 3600));
        self.deliver_early(without);
    }

    /// Delivers the log at once, without some lines.
    pub(crate) fn deliver_early(&mut self, without: &[usize]) {
        let lines = self.lines.iter().enumerate();
        let kept = lines.filter(|(number, _)| !without.contains(number));
        let text = kept
            .map(|(number, line)| line.written(&request(number)))
            .collect();
        self.put_log(text);
    }

    /// Delivers the log elsewhere, without some lines: from now on that is the log.
    pub(crate) fn deliver_anew(&mut self, without: &[usize]) {
        self.folder += 1;
        self.deliver_early(without);
    }

    /// Delivers a log of another bucket, long after.
    pub(crate) fn deliver_nothing(&mut self) {
        self.clock.advance(Duration::from_secs(3 * 3600));
        let line = Line {
            time: Some(self.now()),
            ..Line::of("REST.GET.BUCKET", "-")
        };
        let text = line.written("REQ99999").replace("photos", "videos");
        self.put_log(text);
    }

    async fn run(&self, tenant: &Tenant, mut args: Value) -> Result<Value, ToolError> {
        args["bucket"] = json!("photos");
        args["wait"] = json!(true);
        let answer = Diff::run(tenant, serde_json::from_value(args).expect("arguments")).await?;
        Ok(serde_json::to_value(answer).expect("JSON"))
    }

    /// Each proof's question finds the records that it counts, and a bundle of the finding holds all of them.
    pub(crate) async fn check_proofs(&self, finding: &Value) {
        let (tenant, mut all) = (self.tenant(), 0);
        for proof in finding["proofs"].as_array().expect("proofs") {
            let args = serde_json::from_value(proof["query"].clone()).expect("arguments");
            let found = SearchLogs::run(&tenant, args).await.expect("an answer");
            assert_eq!(proof["records"], found.count, "{proof:#}");
            all += found.count as u64;
        }
        let args = serde_json::from_value(json!({"id": finding["id"]})).expect("arguments");
        let saved = EvidenceBundle::save(&tenant, EvidenceOf::Finding(args), None).await;
        assert_eq!(saved.expect("a bundle").written.manifest.records, all);
    }

    pub(crate) async fn ask(&self, args: Value) -> Value {
        self.run(&self.tenant(), args).await.expect("an answer")
    }

    pub(crate) async fn ask_without_log(&self, args: Value) -> Value {
        self.run(&self.kit.tenant(), args).await.expect("an answer")
    }

    pub(crate) async fn refused(&self, args: Value) -> String {
        let refused = self.run(&self.tenant(), args).await;
        refused.expect_err("no answer").to_string()
    }
}

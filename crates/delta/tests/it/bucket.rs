//! A prefix of a bucket as an object store, and the lease on it.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt};
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetRange, GetResult, ListResult, MultipartUpload, ObjectMeta,
    ObjectStore, ObjectStoreExt, PutMode, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};
use spacewatch_delta::{Bucket, DeltaError, Lease, LeaseTimes};
use spacewatch_demo::{DemoStore, RunningStore};
use spacewatch_model::{Clock, ManualClock, Secret, SystemClock, Timestamp};
use spacewatch_s3::{Credentials, Endpoint, Stores, StoresConfig};
use spacewatch_telemetry::{Config, Recorder};

/// A running store and a prefix of a bucket of it.
pub(crate) struct Stage {
    pub(crate) running: RunningStore,
    pub(crate) store: Arc<dyn ObjectStore>,
}

impl Stage {
    pub(crate) async fn new() -> Self {
        let demo = DemoStore::empty()
            .with_object("metrics", "other/secret", "of somebody else")
            .with_object("metrics", "lake-not/secret", "of somebody else");
        let running = demo.start(([127, 0, 0, 1], 0).into()).await.unwrap();
        let store = opened(&running, "lake/");
        Self { running, store }
    }
}

fn opened(running: &RunningStore, prefix: &str) -> Arc<dyn ObjectStore> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let recorder = Recorder::new(Config::default(), Arc::clone(&clock));
    let stores = Stores::new(StoresConfig::default(), recorder, clock);
    let credentials = Credentials::new("test-key".to_owned(), Secret::new("test-secret")).unwrap();
    let url = running.endpoint().parse().unwrap();
    let store = stores.open(credentials, Endpoint::trusted(&url, "us-east-1".parse().unwrap()));
    Bucket::open(store, "metrics".parse().unwrap(), &prefix.parse().unwrap())
}

async fn create(store: &Arc<dyn ObjectStore>, path: &str, body: &'static str) -> Result<PutResult> {
    let options = PutOptions::from(PutMode::Create);
    store.put_opts(&Path::from(path), body.into(), options).await
}

async fn text(store: &Arc<dyn ObjectStore>, path: &str, options: GetOptions) -> String {
    let found = store.get_opts(&Path::from(path), options).await.unwrap();
    String::from_utf8(found.bytes().await.unwrap().to_vec()).unwrap()
}

async fn listed(store: &Arc<dyn ObjectStore>, below: Option<&str>) -> Vec<String> {
    let below = below.map(Path::from);
    let found: Vec<ObjectMeta> = store.list(below.as_ref()).try_collect().await.unwrap();
    found
        .into_iter()
        .map(|found| found.location.to_string())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_is_read_in_whole_and_in_parts() {
    let stage = Stage::new().await;
    let store = &stage.store;
    create(store, "a/one", "0123456789").await.unwrap();
    let refused = create(store, "a/one", "other").await.unwrap_err();
    assert!(matches!(refused, Error::AlreadyExists { .. }), "{refused}");
    assert_eq!(text(store, "a/one", GetOptions::default()).await, "0123456789");
    let ranges = [
        (GetRange::Bounded(2..5), "234"),
        (GetRange::Bounded(8..20), "89"),
        (GetRange::Offset(7), "789"),
        (GetRange::Suffix(2), "89"),
    ];
    for (range, expected) in ranges {
        let options = GetOptions {
            range: Some(range),
            ..GetOptions::default()
        };
        assert_eq!(text(store, "a/one", options).await, expected);
    }
    let parts = store
        .get_ranges(&Path::from("a/one"), &[0..2, 8..10])
        .await
        .unwrap();
    assert_eq!(parts.concat(), b"0189");
    assert_eq!(store.head(&Path::from("a/one")).await.unwrap().size, 10);
    store.put(&Path::from("a/one"), "new".into()).await.unwrap();
    assert_eq!(text(store, "a/one", GetOptions::default()).await, "new");
    let absent = store.get(&Path::from("a/none")).await.unwrap_err();
    assert!(matches!(absent, Error::NotFound { .. }), "{absent}");
    let mut upload = store.put_multipart(&Path::from("a/parts")).await.unwrap();
    upload.put_part("one ".into()).await.unwrap();
    upload.put_part("two".into()).await.unwrap();
    upload.complete().await.unwrap();
    assert_eq!(text(store, "a/parts", GetOptions::default()).await, "one two");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_outside_of_the_prefix_is_seen() {
    let stage = Stage::new().await;
    let store = &stage.store;
    for path in ["a/one", "a/deep/two", "ab/three", "top"] {
        create(store, path, "x").await.unwrap();
    }
    assert_eq!(
        listed(store, None).await,
        ["a/deep/two", "a/one", "ab/three", "top"]
    );
    assert_eq!(listed(store, Some("a")).await, ["a/deep/two", "a/one"]);
    let level = store.list_with_delimiter(Some(&Path::from("a"))).await.unwrap();
    assert_eq!(level.common_prefixes, [Path::from("a/deep")]);
    assert_eq!(level.objects.len(), 1);
    let gone: Vec<Path> = store
        .delete_stream(
            store
                .list(Some(&Path::from("a")))
                .map_ok(|found| found.location)
                .boxed(),
        )
        .try_collect()
        .await
        .unwrap();
    assert_eq!(gone.len(), 2);
    assert_eq!(listed(store, None).await, ["ab/three", "top"]);
    for path in ["../other/secret", "%2e%2e/other/secret", "/other/secret"] {
        assert!(store.get(&Path::from(path)).await.is_err(), "{path}");
    }
    assert!(format!("{store:?} {store}").contains("metrics/lake/"));
}

fn times() -> LeaseTimes {
    LeaseTimes {
        length: Duration::from_secs(60),
        margin: Duration::from_secs(15),
    }
}

/// A machine: the same store, a clock of its own.
struct Machine {
    store: Arc<dyn ObjectStore>,
    manual: Arc<ManualClock>,
    clock: Arc<dyn Clock>,
}

impl Machine {
    fn new(stage: &Stage, ahead: i64) -> Self {
        let midnight: Timestamp = "2026-02-06T00:00:00Z".parse().unwrap();
        let origin = Timestamp::from_second(midnight.as_second() + ahead).unwrap();
        let manual = Arc::new(ManualClock::starting_at(origin));
        Self {
            store: opened(&stage.running, "lake/"),
            clock: Arc::clone(&manual) as Arc<dyn Clock>,
            manual,
        }
    }

    async fn take(&self) -> std::result::Result<Lease, DeltaError> {
        Lease::take(&self.store, &self.clock, times(), Duration::ZERO).await
    }

    fn pass(&self, seconds: u64) {
        self.manual.advance(Duration::from_secs(seconds));
    }
}

fn pass(machines: &[&Machine], seconds: u64) {
    machines.iter().for_each(|machine| machine.pass(seconds));
}

fn is_locked<T: fmt::Debug>(result: std::result::Result<T, DeltaError>) -> bool {
    matches!(result, Err(DeltaError::Locked { .. }))
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_writers_one_writes_and_the_other_learns_until_when() {
    let stage = Stage::new().await;
    let (one, two) = (Machine::new(&stage, 0), Machine::new(&stage, 0));
    let mut lease = one.take().await.unwrap();
    assert!(
        lease.is_taken_over(),
        "nobody said that there was no writer before"
    );
    let refused = two.take().await.unwrap_err().to_string();
    assert_eq!(
        refused,
        "`metrics/lake/` is written by another process (until 2026-02-06T00:01:00Z)"
    );
    lease.confirm().await.unwrap();
    lease.give_back().await.unwrap();
    let lease = two.take().await.unwrap();
    assert!(!lease.is_taken_over(), "it was given back");
    assert!(is_locked(one.take().await));
    // Only the newest stays.
    assert_eq!(listed(&stage.store, Some("lease")).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lease_that_is_prolonged_goes_on_and_one_that_is_not_ends() {
    let stage = Stage::new().await;
    let (one, two) = (Machine::new(&stage, 0), Machine::new(&stage, 0));
    let mut lease = one.take().await.unwrap();
    for _ in 0..5 {
        pass(&[&one, &two], 40);
        lease.keep().await.unwrap();
        assert!(is_locked(two.take().await));
    }
    // The holder is killed: whoever comes waits for the end and the margin.
    drop(lease);
    two.pass(75);
    assert!(is_locked(two.take().await));
    two.pass(1);
    assert!(two.take().await.unwrap().is_taken_over());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_writer_that_slept_learns_that_it_lost_its_lease() {
    let stage = Stage::new().await;
    let (one, two) = (Machine::new(&stage, 0), Machine::new(&stage, 0));
    let mut slept = one.take().await.unwrap();
    pass(&[&one, &two], 76);
    let mut lease = two.take().await.unwrap();
    // So many that the number it would take is free again.
    for _ in 0..3 {
        two.pass(40);
        lease.keep().await.unwrap();
    }
    assert!(is_locked(slept.confirm().await));
    assert!(is_locked(slept.keep().await));
    assert!(is_locked(slept.give_back().await));
    lease.confirm().await.unwrap();
    assert_eq!(listed(&stage.store, Some("lease")).await.len(), 1);
    // Nobody came while it slept: it goes on.
    two.pass(1000);
    lease.keep().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn clocks_that_differ_by_less_than_the_margin_take_nothing_away() {
    let stage = Stage::new().await;
    for ahead in [-14, 14] {
        let (one, two) = (Machine::new(&stage, 0), Machine::new(&stage, ahead));
        let mut lease = one.take().await.unwrap();
        pass(&[&one, &two], 60);
        assert!(is_locked(two.take().await), "{ahead}");
        lease.give_back().await.unwrap();
    }
    // A clock far ahead, or a forgery, keeps nobody out for longer than a lease lasts.
    let (far, two) = (Machine::new(&stage, 0), Machine::new(&stage, 0));
    far.pass(100_000);
    let _lease = far.take().await.unwrap();
    assert!(two.take().await.unwrap().is_taken_over());
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_come_at_once_one_gets_the_lease() {
    let stage = Stage::new().await;
    for _ in 0..5 {
        let machines: Vec<Machine> = (0..8).map(|_| Machine::new(&stage, 0)).collect();
        let taken = futures::future::join_all(machines.iter().map(Machine::take)).await;
        let mut leases: Vec<Lease> = taken
            .into_iter()
            .filter_map(|taken| match taken {
                Ok(lease) => Some(lease),
                Err(DeltaError::Locked { .. }) => None,
                Err(error) => panic!("{error}"),
            })
            .collect();
        assert_eq!(leases.len(), 1);
        leases.remove(0).give_back().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_lease_is_refused() {
    let stage = Stage::new().await;
    let machine = Machine::new(&stage, 0);
    // Names that are no lease's are passed over.
    create(&stage.store, "lease/99.json", "{}").await.unwrap();
    create(&stage.store, "lease/note", "{}").await.unwrap();
    machine.take().await.unwrap().give_back().await.unwrap();
    let long: &'static str = Box::leak("x".repeat(5000).into_boxed_str());
    for (number, text) in [(90, "{}"), (91, long)] {
        create(&stage.store, &format!("lease/{number:020}.json"), text)
            .await
            .unwrap();
        let refused = machine.take().await.unwrap_err();
        assert!(matches!(refused, DeltaError::Untrusted { .. }), "{refused}");
    }
    let last = format!("lease/{}.json", u64::MAX);
    let returned = r#"{"holder":"x","until":"2026-01-01T00:00:00Z","returned":true}"#;
    create(&stage.store, &last, returned).await.unwrap();
    let refused = machine.take().await.unwrap_err();
    assert!(matches!(refused, DeltaError::Untrusted { .. }), "{refused}");
}

/// How a store treats `If-None-Match: *`, and what goes wrong on the way.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Manner {
    /// It takes no notice.
    Careless,
    /// It says that it can't do that.
    Refusing,
    /// It keeps to it; the first answer is lost and the call repeated.
    Forgetful,
}

#[derive(Debug)]
struct Odd {
    inner: Arc<dyn ObjectStore>,
    manner: Manner,
    calls: AtomicUsize,
}

impl fmt::Display for Odd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

#[async_trait]
impl ObjectStore for Odd {
    async fn put_opts(&self, at: &Path, payload: PutPayload, mut options: PutOptions) -> Result<PutResult> {
        let call = self.calls.fetch_add(1, Ordering::SeqCst);
        match self.manner {
            Manner::Careless => options.mode = PutMode::Overwrite,
            Manner::Refusing if options.mode == PutMode::Create => {
                return Err(Error::NotSupported {
                    source: "If-None-Match".into(),
                });
            }
            Manner::Forgetful if call == 0 => {
                self.inner.put_opts(at, payload.clone(), options.clone()).await?;
            }
            Manner::Refusing | Manner::Forgetful => {}
        }
        self.inner.put_opts(at, payload, options).await
    }

    async fn put_multipart_opts(
        &self,
        at: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.inner.put_multipart_opts(at, options).await
    }

    async fn get_opts(&self, at: &Path, options: GetOptions) -> Result<GetResult> {
        self.inner.get_opts(at, options).await
    }

    fn delete_stream(&self, at: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        self.inner.delete_stream(at)
    }

    fn list(&self, below: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.inner.list(below)
    }

    async fn list_with_delimiter(&self, below: Option<&Path>) -> Result<ListResult> {
        self.inner.list_with_delimiter(below).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.inner.copy_opts(from, to, options).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_makes_what_is_there_already_is_refused() {
    for manner in [Manner::Careless, Manner::Refusing, Manner::Forgetful] {
        let stage = Stage::new().await;
        let mut machine = Machine::new(&stage, 0);
        machine.store = Arc::new(Odd {
            inner: Arc::clone(&stage.store),
            manner,
            calls: AtomicUsize::new(0),
        });
        let taken = machine.take().await;
        if manner == Manner::Forgetful {
            taken.unwrap().confirm().await.unwrap();
            continue;
        }
        let refused = taken.unwrap_err();
        assert!(matches!(refused, DeltaError::Unguarded { .. }), "{refused}");
        assert!(listed(&stage.store, None).await.is_empty());
    }
}

//! The store as it is put together.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use s3s::crypto::{Checksum, Md5};
use spacewatch_model::{Clock, Secret, SystemClock, Timestamp};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::believable;
use crate::connection::accept;
use crate::content::{Budget, Content};
use crate::counts::RequestCounts;
use crate::dice::mix;
use crate::directory;
use crate::faults::Faults;
use crate::history::{History, HistoryCell};
use crate::log_delivery::deliver_every;
use crate::running::{RunningStore, StoreHandle};
use crate::service::Service;
use crate::shared::{Limits, Shared};
use crate::synthetic::{SyntheticBucket, SyntheticKeys};
use crate::world::{AccessKey, Bucket, Contents, Etag, Grant, Headers, Object, Versioning, World};

/// A tenant of the store, with the keys that open everything it has.
#[derive(Debug, Clone)]
pub struct DemoTenant {
    /// What the tenant is called.
    pub name: String,
    /// The id of its key.
    pub access_key_id: String,
    /// The secret of its key.
    pub secret_access_key: Secret,
    /// Its buckets when the store started.
    pub buckets: Vec<String>,
}

/// A key that opens some buckets of a tenant only.
#[derive(Debug, Clone)]
pub struct LimitedKey {
    /// Whose buckets they are.
    pub tenant: String,
    /// The id of the key.
    pub access_key_id: String,
    /// The secret of the key.
    pub secret_access_key: Secret,
    /// What it may do, by bucket.
    pub grants: Vec<(String, Grant)>,
}

/// What an object holds, for [`DemoStore::with_object`].
#[derive(Debug, Clone)]
pub enum ObjectBody {
    /// These bytes.
    Bytes(Bytes),
    /// So many bytes, made when they are read; they follow from bucket and key.
    Sparse(u64),
}

impl From<&str> for ObjectBody {
    fn from(text: &str) -> Self {
        Self::Bytes(Bytes::copy_from_slice(text.as_bytes()))
    }
}

impl From<Bytes> for ObjectBody {
    fn from(bytes: Bytes) -> Self {
        Self::Bytes(bytes)
    }
}

/// A store that is being put together. What a step names and isn't there is made.
///
/// Buckets belong to the tenant named last; [`DemoStore::empty`] begins with one called `test`.
#[derive(Debug)]
pub struct DemoStore {
    pub(crate) world: World,
    pub(crate) tenants: Vec<DemoTenant>,
    pub(crate) limited: Vec<LimitedKey>,
    clock: Arc<dyn Clock>,
    budget: Budget,
    limits: Limits,
    history: HistoryCell,
    log_interval: Option<Duration>,
}

impl DemoStore {
    /// No buckets, and one tenant `test` with the key id `test-key` and the secret `test-secret`.
    pub fn empty() -> Self {
        Self::without_tenants().with_tenant("test", "test-key", "test-secret")
    }

    /// Two tenants with several buckets each, as a media company and a data company might have them. The same
    /// seed and time give the same store, down to each byte.
    pub fn believable(seed: u64, now: Timestamp) -> Self {
        believable::fill(Self::without_tenants(), seed, now)
    }

    fn without_tenants() -> Self {
        let limits = Limits::default();
        Self {
            world: World::default(),
            tenants: Vec::new(),
            limited: Vec::new(),
            clock: Arc::new(SystemClock::new()),
            budget: Budget::new(limits.kept_bytes),
            limits,
            history: HistoryCell::default(),
            log_interval: None,
        }
    }

    /// Takes the time from this clock: for `Last-Modified` and for rates of faults.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Other limits of what is kept. Name them before objects.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self.budget = Budget::new(limits.kept_bytes);
        self
    }

    /// Adds a tenant with its key; the buckets named from now on are its own.
    #[must_use]
    pub fn with_tenant(mut self, name: &str, access_key_id: &str, secret_access_key: &str) -> Self {
        let secret = Secret::new(secret_access_key);
        self.world.keys.insert(
            access_key_id.to_owned(),
            AccessKey {
                tenant: self.world.tenants.len(),
                secret: secret.clone(),
                grants: None,
            },
        );
        self.world.tenants.push(name.to_owned());
        self.tenants.push(DemoTenant {
            name: name.to_owned(),
            access_key_id: access_key_id.to_owned(),
            secret_access_key: secret,
            buckets: Vec::new(),
        });
        self
    }

    /// Adds a key of the current tenant that opens these buckets only.
    #[must_use]
    pub fn with_limited_key(mut self, access_key_id: &str, secret: &str, grants: &[(&str, Grant)]) -> Self {
        let grants: Vec<(String, Grant)> = grants
            .iter()
            .map(|(name, grant)| ((*name).to_owned(), *grant))
            .collect();
        let secret = Secret::new(secret);
        self.world.keys.insert(
            access_key_id.to_owned(),
            AccessKey {
                tenant: self.current_tenant(),
                secret: secret.clone(),
                grants: Some(grants.clone()),
            },
        );
        self.limited.push(LimitedKey {
            tenant: self.world.tenants.last().cloned().unwrap_or_default(),
            access_key_id: access_key_id.to_owned(),
            secret_access_key: secret,
            grants,
        });
        self
    }

    /// Adds a bucket of the current tenant.
    #[must_use]
    pub fn with_bucket(mut self, name: &str) -> Self {
        self.bucket(name);
        self
    }

    /// Adds a bucket of the current tenant that keeps versions.
    #[must_use]
    pub fn with_versioned_bucket(mut self, name: &str) -> Self {
        self.bucket(name).versioning = Versioning::Enabled;
        self
    }

    /// Adds an object, modified now. Bytes over the limits become sparse content of that size.
    #[must_use]
    pub fn with_object(mut self, bucket: &str, key: &str, body: impl Into<ObjectBody>) -> Self {
        let (content, etag) = match body.into() {
            ObjectBody::Bytes(bytes) => self.kept(bucket, key, bytes),
            ObjectBody::Sparse(size) => sparse(bucket, key, size),
        };
        self.insert(bucket, key, content, etag);
        self
    }

    /// Adds small objects with these keys.
    #[must_use]
    pub fn with_keys<K: AsRef<str>>(mut self, bucket: &str, keys: impl IntoIterator<Item = K>) -> Self {
        self.bucket(bucket);
        for key in keys {
            let key = key.as_ref();
            let (content, etag) = sparse(bucket, key, key.len() as u64);
            self.insert(bucket, key, content, etag);
        }
        self
    }

    /// Has the requests on a bucket logged into another one, which is made when it isn't there. Nothing is delivered
    /// before somebody says so: see [`DemoStore::with_log_interval`] and [`StoreHandle::deliver_logs`].
    #[must_use]
    pub fn with_logging(mut self, bucket: &str, log_bucket: &str, prefix: &str) -> Self {
        self.bucket(log_bucket);
        self.bucket(bucket).settings.logging = Some(s3s::dto::LoggingEnabled {
            target_bucket: log_bucket.to_owned(),
            target_grants: None,
            target_object_key_format: None,
            target_prefix: prefix.to_owned(),
        });
        self
    }

    /// Delivers access logs again and again.
    #[must_use]
    pub fn with_log_interval(mut self, interval: Duration) -> Self {
        self.log_interval = Some(interval);
        self
    }

    /// Gives believable buckets the access logs of the last seven days, until `now`. They are made when a log bucket is
    /// first asked for. [`RunningStore::log_truth`] tells what is in them.
    #[must_use]
    pub fn with_history(mut self, seed: u64, now: Timestamp) -> Self {
        let history = History::new(&self.world, seed, now.as_second());
        self.history = HistoryCell::new(Some(history));
        self
    }

    /// Adds the files of a directory and the folders in it as objects of a bucket. They are read when they are asked
    /// for and never written: what a client puts or deletes there changes the bucket alone.
    ///
    /// # Errors
    /// The directory or something in it can't be read, or a name is no UTF-8.
    pub fn with_files(mut self, bucket: &str, directory: &Path) -> io::Result<Self> {
        self.bucket(bucket);
        self.put_files(bucket, directory)?;
        Ok(self)
    }

    /// The same for the first tenant, whichever was named last.
    pub(crate) fn with_first_tenants_files(mut self, bucket: &str, directory: &Path) -> io::Result<Self> {
        let now = self.clock.now().as_second();
        self.first_tenants(bucket, Bucket::new(0, now));
        self.put_files(bucket, directory)?;
        Ok(self)
    }

    fn put_files(&mut self, bucket: &str, directory: &Path) -> io::Result<()> {
        for file in directory::files(directory)? {
            let object = plain(file.content, file.etag);
            self.world.put(bucket, &file.key, object, file.modified);
        }
        Ok(())
    }

    /// Adds a bucket whose keys are computed: millions take no memory. It can only be read.
    #[must_use]
    pub fn with_synthetic(mut self, bucket: &str, keys: SyntheticKeys) -> Self {
        let newest = self.clock.now().as_second();
        self.bucket(bucket).contents = Contents::Synthetic(SyntheticBucket {
            keys,
            seed: seed_of(bucket, ""),
            newest,
        });
        self
    }

    /// The same for the first tenant, whichever was named last.
    pub(crate) fn with_first_tenants_synthetic(mut self, bucket: &str, keys: SyntheticKeys) -> Self {
        let newest = self.clock.now().as_second();
        let mut found = Bucket::new(0, newest);
        found.contents = Contents::Synthetic(SyntheticBucket {
            keys,
            seed: seed_of(bucket, ""),
            newest,
        });
        self.first_tenants(bucket, found);
        self
    }

    fn first_tenants(&mut self, name: &str, bucket: Bucket) {
        self.world.buckets.insert(name.to_owned(), bucket);
        if let Some(first) = self.tenants.first_mut() {
            first.buckets.push(name.to_owned());
        }
    }

    /// The bucket, made for the current tenant when it isn't there.
    pub(crate) fn bucket(&mut self, name: &str) -> &mut Bucket {
        let tenant = self.current_tenant();
        let now = self.clock.now().as_second();
        if !self.world.buckets.contains_key(name)
            && let Some(tenant) = self.tenants.last_mut()
        {
            tenant.buckets.push(name.to_owned());
        }
        self.world
            .buckets
            .entry(name.to_owned())
            .or_insert_with(|| Bucket::new(tenant, now))
    }

    fn current_tenant(&self) -> usize {
        self.world.tenants.len().saturating_sub(1)
    }

    fn kept(&self, bucket: &str, key: &str, bytes: Bytes) -> (Content, Etag) {
        let size = bytes.len() as u64;
        let digest = Md5::checksum(&bytes);
        match self.budget.keep(bytes) {
            Some(content) => (content, Etag { digest, parts: 0 }),
            None => sparse(bucket, key, size),
        }
    }

    fn insert(&mut self, bucket: &str, key: &str, content: Content, etag: Etag) {
        self.bucket(bucket);
        let now = self.clock.now().as_second();
        self.world.put(bucket, key, plain(content, etag), now);
    }

    /// Serves the store until it is shut down or dropped. Port 0 takes a free one.
    ///
    /// # Errors
    /// The address can't be listened on.
    pub async fn start(self, address: SocketAddr) -> io::Result<RunningStore> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let faults = Faults::new(Arc::clone(&self.clock));
        let counts = RequestCounts::new();
        let shared = Shared::new(self.world, self.clock, self.budget, self.limits);
        let shared = Arc::new(shared.with_history(self.history));
        let service = Arc::new(Service::new(&shared, faults.clone(), counts.clone()));
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        tasks.spawn(accept(listener, service, tasks.clone(), stop.clone()));
        if let Some(interval) = self.log_interval {
            tasks.spawn(deliver_every(Arc::clone(&shared), interval, stop.clone()));
        }
        tasks.close();
        Ok(RunningStore {
            address,
            faults,
            counts,
            tenants: self.tenants,
            limited: self.limited,
            handle: StoreHandle(shared),
            tasks,
            stop: stop.drop_guard(),
        })
    }
}

pub(crate) fn plain(content: Content, etag: Etag) -> Object {
    Object {
        content,
        etag,
        storage_class: "STANDARD",
        headers: Headers {
            content_type: Some("binary/octet-stream".to_owned()),
            ..Headers::default()
        },
    }
}

pub(crate) fn sparse(bucket: &str, key: &str, size: u64) -> (Content, Etag) {
    let seed = seed_of(bucket, key);
    (Content::sparse(seed, size), Etag::scattered(seed, size))
}

pub(crate) fn seed_of(bucket: &str, key: &str) -> u64 {
    let bytes = bucket.bytes().chain([0]).chain(key.bytes());
    bytes.fold(0, |seed, byte| mix(seed ^ u64::from(byte)))
}

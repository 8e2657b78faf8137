//! How much of everything.

use serde::{Deserialize, Serialize};
use spacewatch_model::ByteSize;
use utoipa::ToSchema;

use crate::Kind;
use crate::entry::Row;

/// How many entries of each kind, and how large they are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = InventoryTotals)]
pub struct Totals {
    /// Objects: what keys hold now.
    pub objects: u64,
    /// Their size.
    pub bytes: ByteSize,
    /// Older versions.
    pub noncurrent_versions: u64,
    /// Their size.
    pub noncurrent_bytes: ByteSize,
    /// Marks that a key was deleted.
    pub delete_markers: u64,
    /// Uploads in parts that were never completed.
    pub incomplete_uploads: u64,
    /// The size of their parts.
    pub incomplete_bytes: ByteSize,
}

impl Totals {
    pub(crate) fn add(&mut self, row: &Row<'_>) {
        let (count, bytes) = match row.kind {
            Kind::Current => (&mut self.objects, &mut self.bytes),
            Kind::Noncurrent => (&mut self.noncurrent_versions, &mut self.noncurrent_bytes),
            Kind::DeleteMarker => {
                self.delete_markers = self.delete_markers.saturating_add(1);
                return;
            }
            Kind::Upload => (&mut self.incomplete_uploads, &mut self.incomplete_bytes),
        };
        *count = count.saturating_add(1);
        *bytes += ByteSize(row.size);
    }

    pub(crate) fn add_all(&mut self, other: &Self) {
        self.objects = self.objects.saturating_add(other.objects);
        self.bytes += other.bytes;
        self.noncurrent_versions = self.noncurrent_versions.saturating_add(other.noncurrent_versions);
        self.noncurrent_bytes += other.noncurrent_bytes;
        self.delete_markers = self.delete_markers.saturating_add(other.delete_markers);
        self.incomplete_uploads = self.incomplete_uploads.saturating_add(other.incomplete_uploads);
        self.incomplete_bytes += other.incomplete_bytes;
    }

    /// Everything that takes room: objects, older versions, and parts of incomplete uploads.
    pub fn stored_bytes(&self) -> ByteSize {
        self.bytes + self.noncurrent_bytes + self.incomplete_bytes
    }

    /// How many entries there are of all kinds.
    pub fn entries(&self) -> u64 {
        self.objects
            .saturating_add(self.noncurrent_versions)
            .saturating_add(self.delete_markers)
            .saturating_add(self.incomplete_uploads)
    }
}

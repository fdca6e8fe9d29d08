//! How much a workbook's archive unpacks to, found by unpacking it into nothing: what an archive
//! says of itself can be a lie, and a few kilobytes can hold gigabytes.

use std::io::Read;

use flate2::read::DeflateDecoder;

use super::FormatError;

/// All parts of a workbook together.
const UNPACKED_MAX: u64 = 1024 * 1024 * 1024;
/// A part that is no sheet (texts shared by cells, styles): readers hold it in memory.
const PART_MAX: u64 = 256 * 1024 * 1024;

/// Signature and size of the record at an archive's end, and of an entry of its directory.
const END: (&[u8], usize) = (b"PK\x05\x06", 22);
const ENTRY: (&[u8], usize) = (b"PK\x01\x02", 46);
/// Size of the record before an entry's bytes.
const LOCAL_SIZE: usize = 30;

const DEFLATED: u16 = 8;

/// Refuses an archive that unpacks to too much. One whose directory makes no sense is left to the
/// reader of workbooks, who says so.
pub(super) fn check(archive: &[u8]) -> Result<(), FormatError> {
    let mut total = 0;
    for entry in entries(archive) {
        let limit = if entry.is_sheet {
            UNPACKED_MAX
        } else {
            PART_MAX
        };
        let unpacked = entry.unpacked(limit);
        total += unpacked;
        if unpacked > limit || total > UNPACKED_MAX {
            return Err(FormatError::UnpacksTooLarge {
                bytes_max: limit.min(UNPACKED_MAX),
            });
        }
    }
    Ok(())
}

struct Entry<'a> {
    packed: &'a [u8],
    method: u16,
    is_sheet: bool,
}

impl Entry<'_> {
    /// Bytes it unpacks to, counted up to one more than the limit.
    fn unpacked(&self, limit: u64) -> u64 {
        if self.method != DEFLATED {
            return self.packed.len() as u64;
        }
        let mut unpacked = DeflateDecoder::new(self.packed).take(limit + 1);
        let mut total = 0;
        let mut buffer = vec![0; 1 << 16];
        // Where it breaks off, so does the reader.
        while let Ok(read @ 1..) = unpacked.read(&mut buffer) {
            total += read as u64;
        }
        total
    }
}

/// The entries of an archive's directory, as far as it makes sense.
fn entries(archive: &[u8]) -> Vec<Entry<'_>> {
    let tail = archive.len().saturating_sub(END.1 + usize::from(u16::MAX));
    let end = archive[tail..]
        .windows(END.0.len())
        .rposition(|window| window == END.0)
        .map(|at| tail + at);
    let mut at = end
        .and_then(|end| long(archive, end + 16))
        .unwrap_or(usize::MAX);
    let mut entries = Vec::new();
    while let Some(record) = archive.get(at..).and_then(|rest| rest.get(..ENTRY.1)) {
        if !record.starts_with(ENTRY.0) {
            break;
        }
        let [name, extra, comment] = [28, 30, 32].map(|at| short(record, at).unwrap_or(0));
        let name_at = at + ENTRY.1;
        let named = archive.get(name_at..name_at + usize::from(name));
        entries.extend(entry(archive, record, named.unwrap_or_default()));
        at = name_at + usize::from(name) + usize::from(extra) + usize::from(comment);
    }
    entries
}

fn entry<'a>(archive: &'a [u8], record: &[u8], name: &[u8]) -> Option<Entry<'a>> {
    let size = long(record, 20)?;
    let local = long(record, 42)?;
    let start = local
        + LOCAL_SIZE
        + usize::from(short(archive, local + 26)?)
        + usize::from(short(archive, local + 28)?);
    // Entries may overlap, so that one packed part counts for many: each counts here too.
    let end = start.saturating_add(size).min(archive.len());
    Some(Entry {
        packed: archive.get(start..end)?,
        method: short(record, 10)?,
        is_sheet: name.starts_with(b"xl/worksheets/") || name == b"content.xml",
    })
}

fn short(bytes: &[u8], at: usize) -> Option<u16> {
    let two = bytes.get(at..at.checked_add(2)?)?;
    Some(u16::from_le_bytes(two.try_into().ok()?))
}

fn long(bytes: &[u8], at: usize) -> Option<usize> {
    let four = bytes.get(at..at.checked_add(4)?)?;
    usize::try_from(u32::from_le_bytes(four.try_into().ok()?)).ok()
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::DeflateEncoder;

    use super::*;

    /// An archive of one deflated part that claims to be small.
    fn archive(name: &[u8], unpacked: u64) -> Vec<u8> {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
        let zeros = vec![0; 1 << 20];
        for _ in 0..unpacked >> 20 {
            encoder.write_all(&zeros).expect("memory takes it");
        }
        let packed = encoder.finish().expect("memory takes it");
        let size = u32::try_from(packed.len()).expect("small").to_le_bytes();
        let name_len = u16::try_from(name.len()).expect("short").to_le_bytes();
        let mut bytes = Vec::new();
        bytes.extend(b"PK\x03\x04\x14\0\0\0\x08\0\0\0\0\0\0\0\0\0");
        bytes.extend(size);
        bytes.extend([100, 0, 0, 0]);
        bytes.extend(name_len);
        bytes.extend([0, 0]);
        bytes.extend(name);
        bytes.extend(&packed);
        let directory = u32::try_from(bytes.len()).expect("small").to_le_bytes();
        bytes.extend(b"PK\x01\x02\x14\0\x14\0\0\0\x08\0\0\0\0\0\0\0\0\0");
        bytes.extend(size);
        bytes.extend([100, 0, 0, 0]);
        bytes.extend(name_len);
        bytes.extend([0; 16]);
        bytes.extend(name);
        bytes.extend(b"PK\x05\x06\0\0\0\0\x01\0\x01\0\0\0\0\0");
        bytes.extend(directory);
        bytes.extend([0, 0]);
        bytes
    }

    #[test]
    fn refuses_what_unpacks_to_too_much_whatever_it_says_of_itself() {
        const MEGA: u64 = 1 << 20;
        let fine = archive(b"xl/sharedStrings.xml", 200 * MEGA);
        assert!(fine.len() < 1 << 20, "{}", fine.len());
        assert!(check(&fine).is_ok());
        let bomb = archive(b"xl/sharedStrings.xml", 300 * MEGA);
        assert!(matches!(
            check(&bomb),
            Err(FormatError::UnpacksTooLarge { .. })
        ));
        let sheet = archive(b"xl/worksheets/sheet1.xml", 300 * MEGA);
        assert!(check(&sheet).is_ok());
        let read = crate::spreadsheet::profile(
            std::io::Cursor::new(bomb),
            "facturas.xlsx",
            &crate::spreadsheet::Options::default(),
        );
        assert!(matches!(read, Err(FormatError::UnpacksTooLarge { .. })));
    }

    #[test]
    fn what_is_no_archive_is_left_to_the_reader() {
        for bytes in [&b""[..], b"PK\x03\x04", b"PK\x05\x06\0\0", &[b'P'; 100]] {
            assert!(check(bytes).is_ok());
        }
    }
}

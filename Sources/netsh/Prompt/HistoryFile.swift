// The file of earlier entries: opened for each use, locked while it is written.

import Foundation

final class HistoryFile {
  let path: String
  /// How much of it has been read, and of which file: it may have been made anew.
  private var offset: off_t = 0
  private var inode: ino_t = 0

  init(path: String) { self.path = path }

  var size: Int {
    var status = stat()
    return stat(path, &status) == 0 ? Int(status.st_size) : 0
  }

  /// Appends an entry in one write.
  ///
  /// - Returns: why it failed.
  func append(_ entry: String) -> String? {
    PromptFiles.makeFolder(of: path)
    guard let descriptor = openLocked(O_RDWR | O_APPEND | O_CREAT) else {
      return String(cString: strerror(errno))
    }
    defer { close(descriptor) }
    fchmod(descriptor, 0o600)
    let end = lseek(descriptor, 0, SEEK_END)
    var octets = Array((Self.escaped(entry) + "\n").utf8)
    var last = UInt8(ascii: "\n")
    // A session that was killed, or a disk that was full, left off in the middle of a line.
    if end > 0, pread(descriptor, &last, 1, end - 1) == 1, last != UInt8(ascii: "\n") {
      octets.insert(UInt8(ascii: "\n"), at: 0)
    }
    let written = write(descriptor, octets, octets.count)
    if written == octets.count { return nil }
    let failure = String(cString: strerror(written < 0 ? errno : ENOSPC))
    ftruncate(descriptor, end)
    return failure
  }

  /// The entries since the last look; all of them if the file is another one.
  func news() -> [String] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return [] }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return [] }
    if status.st_ino != inode || status.st_size < offset {
      (inode, offset) = (status.st_ino, 0)
    }
    // What somebody else has put there may be of any size.
    offset = max(offset, status.st_size - off_t(4 * History.fileLimit))
    var octets = [UInt8](repeating: 0, count: Int(status.st_size - offset))
    let count = pread(descriptor, &octets, octets.count, offset)
    guard count > 0, let end = octets[..<count].lastIndex(of: UInt8(ascii: "\n")) else {
      return []
    }
    offset += off_t(end + 1)
    return octets[..<end].split(separator: UInt8(ascii: "\n"))
      .filter { $0.count <= 2 * History.entryLimit && !$0.contains(0) }
      .map { Self.plain(String(decoding: $0, as: UTF8.self)) }
  }

  /// Makes the file anew from what is in it.
  func replace(by choose: ([String]) -> [String]) {
    guard let descriptor = openLocked(O_RDWR) else { return }
    defer { close(descriptor) }
    let octets = Array(choose(news()).map { Self.escaped($0) + "\n" }.joined().utf8)
    let other = "\(path).\(getpid())"
    let new = open(other, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard new >= 0 else { return }
    let isWritten = write(new, octets, octets.count) == octets.count && fsync(new) == 0
    close(new)
    if !isWritten || rename(other, path) != 0 { unlink(other) }
  }

  /// Waits for other sessions, but not for one that was stopped: a single write is whole anyway.
  /// One that has made the file anew leaves a lock on what is no file any more.
  private func openLocked(_ flags: Int32) -> Int32? {
    for _ in 0..<10 {
      let descriptor = open(path, flags | O_CLOEXEC, 0o600)
      guard descriptor >= 0 else { return nil }
      var tries = 50
      while flock(descriptor, LOCK_EX | LOCK_NB) != 0, tries > 0 {
        usleep(2_000)
        tries -= 1
      }
      var (mine, current) = (stat(), stat())
      if fstat(descriptor, &mine) == 0, stat(path, &current) == 0, mine.st_ino == current.st_ino {
        return descriptor
      }
      close(descriptor)
    }
    errno = EBUSY
    return nil
  }

  // MARK: An entry as a line

  static func escaped(_ entry: String) -> String {
    entry.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
  }

  static func plain(_ line: String) -> String {
    guard line.utf8.contains(UInt8(ascii: "\\")) else { return line }
    var text = ""
    var isEscaped = false
    for scalar in line.unicodeScalars {
      if isEscaped {
        text.unicodeScalars.append(scalar == "n" ? "\n" : scalar)
        isEscaped = false
      } else if scalar == "\\" {
        isEscaped = true
      } else {
        text.unicodeScalars.append(scalar)
      }
    }
    return text
  }
}

// The operators of the inner dispatch loop: two Ints, two Reals, two quantities of one dimension.
//
// Each puts the result into its register, or answers that it cannot: overflow, an infinity, other
// types. Arithmetic.swift does those, and its faults.

extension UnsafeMutablePointer<Value> {
  @inline(__always)
  func setSum(_ first: Value, _ second: Value) -> Bool {
    if first.head != second.head {
      let (sum, overflow) = first.integer.addingReportingOverflow(second.integer)
      return !overflow && setQuantity(sum, first.head, second.head)
    }
    if first.head == Head.real { return setReal(first.double + second.double) }
    guard _fastPath(first.head == Head.int) || first.isPlainQuantity else { return false }
    let (sum, overflow) = first.integer.addingReportingOverflow(second.integer)
    if overflow { return false }
    pointee = Value(head: first.head, bits: UInt64(bitPattern: sum))
    return true
  }

  @inline(__always)
  func setDifference(_ first: Value, _ second: Value) -> Bool {
    if first.head != second.head {
      let (difference, overflow) = first.integer.subtractingReportingOverflow(second.integer)
      return !overflow && setQuantity(difference, first.head, second.head)
    }
    if first.head == Head.real { return setReal(first.double - second.double) }
    guard _fastPath(first.head == Head.int) || first.isPlainQuantity else { return false }
    let (difference, overflow) = first.integer.subtractingReportingOverflow(second.integer)
    if overflow { return false }
    pointee = Value(head: first.head, bits: UInt64(bitPattern: difference))
    return true
  }

  @inline(__always)
  func setProduct(_ first: Value, _ second: Value) -> Bool {
    if second.head == Head.int {
      if first.head != Head.int { return false }
      let (product, overflow) = first.integer.multipliedReportingOverflow(by: second.integer)
      if overflow { return false }
      pointee = .int(product)
      return true
    }
    if second.head != Head.real { return false }
    if first.head == Head.int { return setReal(Double(first.integer) * second.double) }
    return first.head == Head.real && setReal(first.double * second.double)
  }

  @inline(__always)
  func setRemainder(_ first: Value, _ second: Value) -> Bool {
    guard first.head == Head.int && second.head == Head.int else { return false }
    // Below 2³² a division takes a third of the time.
    guard (first.bits | second.bits) >> 32 == 0 && second.bits != 0 else { return false }
    let rest = UInt32(truncatingIfNeeded: first.bits) % UInt32(truncatingIfNeeded: second.bits)
    pointee = .int(Int64(rest))
    return true
  }

  /// The library's `min`, `max` and `failed` of what needs no look into the heap; the arguments lie
  /// behind this register.
  @inline(__always)
  func setQuickly(_ function: Int, _ count: Int) -> Bool {
    let first = self[1]
    if function == Int(LibraryFunction.failed.rawValue) {
      if count != 1 { return false }
      pointee = .bool(first.isError)
      return true
    }
    guard count == 2, first.comparesAsIs(with: self[2]) else { return false }
    let takesSecond: Bool
    switch function {
    case Int(LibraryFunction.min.rawValue): takesSecond = self[2].integer < first.integer
    case Int(LibraryFunction.max.rawValue): takesSecond = self[2].integer > first.integer
    default: return false
    }
    pointee = takesSecond ? self[2] : first
    return true
  }

  /// What two quantities that are shown in different units came to, if they are of one dimension.
  @inline(__always)
  private func setQuantity(_ count: Int64, _ first: UInt64, _ second: UInt64) -> Bool {
    guard Head.areOfOneDimension(first, second) else { return false }
    pointee = Value(head: Head.shown(first, second), bits: UInt64(bitPattern: count))
    return true
  }

  /// Reals are always finite.
  @inline(__always)
  private func setReal(_ value: Double) -> Bool {
    if !value.isFinite { return false }
    pointee = .real(value)
    return true
  }
}

extension Value {
  /// A quantity as its author wrote it: two of one head are of one dimension and shown alike.
  @inline(__always)
  var isPlainQuantity: Bool {
    tagOctet == ValueTag.quantity.rawValue && head & Head.converted == 0
  }

  /// Two Ints, or two quantities of one dimension, however they are shown: their counts compare.
  @inline(__always)
  func comparesAsIs(with other: Value) -> Bool {
    _fastPath(head == Head.int && other.head == Head.int)
      || Head.areOfOneDimension(head, other.head)
  }
}

// The operators of the inner dispatch loop: two Ints, two Reals, two quantities shown alike.
//
// Each puts the result into its register, or answers that it cannot: overflow, an infinity, other
// types. Arithmetic.swift does those, and its faults.

extension UnsafeMutablePointer<Value> {
  @inline(__always)
  func setSum(_ first: Value, _ second: Value) -> Bool {
    if first.head != second.head { return false }
    if first.head == Head.real { return setReal(first.double + second.double) }
    guard _fastPath(first.head == Head.int) || first.isPlainQuantity else { return false }
    let (sum, overflow) = first.integer.addingReportingOverflow(second.integer)
    if overflow { return false }
    pointee = Value(head: first.head, bits: UInt64(bitPattern: sum))
    return true
  }

  @inline(__always)
  func setDifference(_ first: Value, _ second: Value) -> Bool {
    if first.head != second.head { return false }
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
}

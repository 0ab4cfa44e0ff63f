import PacketDecoding

extension AlertRule {
  /// The rule as one English sentence.
  package var sentence: String {
    let held = hold > .zero ? ", held for \(FigureText.span(hold))" : ""
    let kept = keepFiringFor > .zero ? " for \(FigureText.span(keepFiringFor))" : ""
    return "\(name): \(severity.rawValue) when \(subject) reach \(figure(raise))\(held); "
      + "clears when below \(figure(clear))\(kept)"
  }

  private var subject: String {
    let noun = metric == .captureDropPercent ? "packets lost by capture" : "\(metric.definition.noun) \(side.place)"
    return switch by {
    case .host: noun
    case .service: "\(noun) of one service"
    case .peer: "\(noun) with one peer"
    case .unit: "\(noun) held by one unit"
    }
  }

  private func figure(_ value: Double) -> String {
    metric.isPercent ? "\(FigureText.number(value)) %" : FigureText.number(value)
  }
}

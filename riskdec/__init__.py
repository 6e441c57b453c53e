"""riskdec: estimate the risk honestly, show how honest it is, and only then decide."""

from typing import TYPE_CHECKING

from riskdec._base.version import VERSION

__version__ = VERSION

# Where each public name lives. The root is lazy in full: a room opens on the first use of one of its names.
_NAMES = {
    "riskdec.calibration": """
        BetaCalibrator CaseControlSample CentredIsotonicCalibrator CrossVennAbersCalibrator DirichletCalibrator
        IsotonicCalibrator OneVsRestCalibrator PlattCalibrator PrevalenceEstimate ScoreSums SplineCalibrator
        TemperatureCalibrator UpdatingLadder VectorScalingCalibrator VennAbersCalibrator adjust_prevalence
        case_control choose_update describe_distortions estimate_prevalence local_case_control undo_class_weight
        undo_focal_loss undo_label_smoothing undo_logit_adjustment undo_sampling
    """,
    "riskdec.decisions": """
        BestThreshold CaseCosts CostCertificate CostCurve CostMatrix CostRanges DecisionCurve DecisionEvaluation
        DecisionOffsets Decisions DeferralCertificate FlaggedBatch Policy RecallFloors RiskCoverage ValidationValue
        ValueOfInformation best_threshold certify_cost certify_deferral certify_rates cost_curve decide
        decision_curve evaluate_decisions flag_batch realised_net_benefit recall_floors recall_offsets
        risk_coverage value_of_information value_of_validation
    """,
    "riskdec.detection": """
        AlarmCertificate Detections HardNegatives RiskMap SceneEvaluation ScenePlan SceneScans
        SlidingWindowDetector WindowSampler calibrate_scans certify_alarms evaluate_scenes plan_scenes
        scan_scenes window_prevalence
    """,
    "riskdec.diagnostics": """
        CalibrationHeterogeneity CalibrationReport CalibrationSums MulticlassCalibrationReport ReliabilityCurve
        SubgroupReport binned_calibration_error calibration_heterogeneity calibration_slope
        cutoff_calibration_error debiased_calibration_error diagnose diagnose_subgroups hosmer_lemeshow_test
        kernel_calibration_error plan_validation reliability_curve smooth_calibration_error spiegelhalter_test
    """,
    "riskdec.interchange": "to_onnx to_skops",
    "riskdec.models": """
        CalibratedRiskModel DecisionClassifier LogisticRiskModel PooledRiskModel TabularRiskModel as_risk_model
        expected_cost_scorer pool_imputations
    """,
    "riskdec.nn": "CNNRiskModel",
    "riskdec.persistence": "load",
    "riskdec.plot": "CostCurveDisplay DecisionCurveDisplay ReliabilityDisplay RiskCoverageDisplay",
    "riskdec.report": "ModelCard model_card write_report",
    "riskdec.resampling": """
        BootstrapValidation DecisionStability decision_stability validate_by_bootstrap validate_by_folds
    """,
    "riskdec.scores": "brier_score decompose_score log_score",
    "riskdec.weighting": """
        Distortion RecallBalance WeightSweep WeightingComparison WeightingEfficiency balance_recall
        balanced_weights compare_weighting effective_number_weights implied_costs implied_ratio natural_weights
        recall_driven_weights sweep_weights weighting_distortion weighting_efficiency
    """,
}
_ROOMS = {name: room for room, names in _NAMES.items() for name in names.split()}

__all__ = [
    "AlarmCertificate",
    "BestThreshold",
    "BetaCalibrator",
    "BootstrapValidation",
    "CNNRiskModel",
    "CalibratedRiskModel",
    "CalibrationHeterogeneity",
    "CalibrationReport",
    "CalibrationSums",
    "CaseControlSample",
    "CaseCosts",
    "CentredIsotonicCalibrator",
    "CostCertificate",
    "CostCurve",
    "CostCurveDisplay",
    "CostMatrix",
    "CostRanges",
    "CrossVennAbersCalibrator",
    "DecisionClassifier",
    "DecisionCurve",
    "DecisionCurveDisplay",
    "DecisionEvaluation",
    "DecisionOffsets",
    "DecisionStability",
    "Decisions",
    "DeferralCertificate",
    "Detections",
    "DirichletCalibrator",
    "Distortion",
    "FlaggedBatch",
    "HardNegatives",
    "IsotonicCalibrator",
    "LogisticRiskModel",
    "ModelCard",
    "MulticlassCalibrationReport",
    "OneVsRestCalibrator",
    "PlattCalibrator",
    "Policy",
    "PooledRiskModel",
    "PrevalenceEstimate",
    "RecallBalance",
    "RecallFloors",
    "ReliabilityCurve",
    "ReliabilityDisplay",
    "RiskCoverage",
    "RiskCoverageDisplay",
    "RiskMap",
    "SceneEvaluation",
    "ScenePlan",
    "SceneScans",
    "ScoreSums",
    "SlidingWindowDetector",
    "SplineCalibrator",
    "SubgroupReport",
    "TabularRiskModel",
    "TemperatureCalibrator",
    "UpdatingLadder",
    "ValidationValue",
    "ValueOfInformation",
    "VectorScalingCalibrator",
    "VennAbersCalibrator",
    "WeightSweep",
    "WeightingComparison",
    "WeightingEfficiency",
    "WindowSampler",
    "adjust_prevalence",
    "as_risk_model",
    "balance_recall",
    "balanced_weights",
    "best_threshold",
    "binned_calibration_error",
    "brier_score",
    "calibrate_scans",
    "calibration_heterogeneity",
    "calibration_slope",
    "case_control",
    "certify_alarms",
    "certify_cost",
    "certify_deferral",
    "certify_rates",
    "choose_update",
    "compare_weighting",
    "cost_curve",
    "cutoff_calibration_error",
    "debiased_calibration_error",
    "decide",
    "decision_curve",
    "decision_stability",
    "decompose_score",
    "describe_distortions",
    "diagnose",
    "diagnose_subgroups",
    "effective_number_weights",
    "estimate_prevalence",
    "evaluate_decisions",
    "evaluate_scenes",
    "expected_cost_scorer",
    "flag_batch",
    "hosmer_lemeshow_test",
    "implied_costs",
    "implied_ratio",
    "kernel_calibration_error",
    "load",
    "local_case_control",
    "log_score",
    "model_card",
    "natural_weights",
    "plan_scenes",
    "plan_validation",
    "pool_imputations",
    "realised_net_benefit",
    "recall_driven_weights",
    "recall_floors",
    "recall_offsets",
    "reliability_curve",
    "risk_coverage",
    "scan_scenes",
    "smooth_calibration_error",
    "spiegelhalter_test",
    "sweep_weights",
    "to_onnx",
    "to_skops",
    "undo_class_weight",
    "undo_focal_loss",
    "undo_label_smoothing",
    "undo_logit_adjustment",
    "undo_sampling",
    "validate_by_bootstrap",
    "validate_by_folds",
    "value_of_information",
    "value_of_validation",
    "weighting_distortion",
    "weighting_efficiency",
    "window_prevalence",
    "write_report",
]

if TYPE_CHECKING:
    from riskdec.calibration import (
        BetaCalibrator,
        CaseControlSample,
        CentredIsotonicCalibrator,
        CrossVennAbersCalibrator,
        DirichletCalibrator,
        IsotonicCalibrator,
        OneVsRestCalibrator,
        PlattCalibrator,
        PrevalenceEstimate,
        ScoreSums,
        SplineCalibrator,
        TemperatureCalibrator,
        UpdatingLadder,
        VectorScalingCalibrator,
        VennAbersCalibrator,
        adjust_prevalence,
        case_control,
        choose_update,
        describe_distortions,
        estimate_prevalence,
        local_case_control,
        undo_class_weight,
        undo_focal_loss,
        undo_label_smoothing,
        undo_logit_adjustment,
        undo_sampling,
    )
    from riskdec.decisions import (
        BestThreshold,
        CaseCosts,
        CostCertificate,
        CostCurve,
        CostMatrix,
        CostRanges,
        DecisionCurve,
        DecisionEvaluation,
        DecisionOffsets,
        Decisions,
        DeferralCertificate,
        FlaggedBatch,
        Policy,
        RecallFloors,
        RiskCoverage,
        ValidationValue,
        ValueOfInformation,
        best_threshold,
        certify_cost,
        certify_deferral,
        certify_rates,
        cost_curve,
        decide,
        decision_curve,
        evaluate_decisions,
        flag_batch,
        realised_net_benefit,
        recall_floors,
        recall_offsets,
        risk_coverage,
        value_of_information,
        value_of_validation,
    )
    from riskdec.detection import (
        AlarmCertificate,
        Detections,
        HardNegatives,
        RiskMap,
        SceneEvaluation,
        ScenePlan,
        SceneScans,
        SlidingWindowDetector,
        WindowSampler,
        calibrate_scans,
        certify_alarms,
        evaluate_scenes,
        plan_scenes,
        scan_scenes,
        window_prevalence,
    )
    from riskdec.diagnostics import (
        CalibrationHeterogeneity,
        CalibrationReport,
        CalibrationSums,
        MulticlassCalibrationReport,
        ReliabilityCurve,
        SubgroupReport,
        binned_calibration_error,
        calibration_heterogeneity,
        calibration_slope,
        cutoff_calibration_error,
        debiased_calibration_error,
        diagnose,
        diagnose_subgroups,
        hosmer_lemeshow_test,
        kernel_calibration_error,
        plan_validation,
        reliability_curve,
        smooth_calibration_error,
        spiegelhalter_test,
    )
    from riskdec.interchange import to_onnx, to_skops
    from riskdec.models import (
        CalibratedRiskModel,
        DecisionClassifier,
        LogisticRiskModel,
        PooledRiskModel,
        TabularRiskModel,
        as_risk_model,
        expected_cost_scorer,
        pool_imputations,
    )
    from riskdec.nn import CNNRiskModel
    from riskdec.persistence import load
    from riskdec.plot import CostCurveDisplay, DecisionCurveDisplay, ReliabilityDisplay, RiskCoverageDisplay
    from riskdec.report import ModelCard, model_card, write_report
    from riskdec.resampling import (
        BootstrapValidation,
        DecisionStability,
        decision_stability,
        validate_by_bootstrap,
        validate_by_folds,
    )
    from riskdec.scores import brier_score, decompose_score, log_score
    from riskdec.weighting import (
        Distortion,
        RecallBalance,
        WeightingComparison,
        WeightingEfficiency,
        WeightSweep,
        balance_recall,
        balanced_weights,
        compare_weighting,
        effective_number_weights,
        implied_costs,
        implied_ratio,
        natural_weights,
        recall_driven_weights,
        sweep_weights,
        weighting_distortion,
        weighting_efficiency,
    )
else:

    def __getattr__(name: str) -> object:
        if name not in _ROOMS:
            message = f"module 'riskdec' has no attribute {name!r}"
            raise AttributeError(message)
        from importlib import import_module

        value = getattr(import_module(_ROOMS[name]), name)
        globals()[name] = value
        return value

    def __dir__() -> list[str]:
        return [*__all__, "__version__"]

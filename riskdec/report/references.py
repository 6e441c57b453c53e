"""The papers that the pages cite."""

from riskdec.report.page import Reference

ANGELOPOULOS_2025 = Reference(
    text="A. N. Angelopoulos, S. Bates, E. J. Candes, M. I. Jordan, L. Lei (2025). Learn then test: calibrating "
    "predictive algorithms to achieve risk control. Annals of Applied Statistics 19.",
    url="https://arxiv.org/abs/2110.01052",
)
AUSTIN_2019 = Reference(
    text="P. C. Austin, E. W. Steyerberg (2019). The Integrated Calibration Index (ICI) and related metrics for "
    "quantifying the calibration of logistic regression models. Statistics in Medicine 38.",
    url="https://doi.org/10.1002/sim.8281",
)
CHAKRABORTY_1989 = Reference(
    text="D. P. Chakraborty (1989). Maximum likelihood analysis of free-response receiver operating characteristic "
    "(FROC) data. Medical Physics 16.",
    url="https://doi.org/10.1118/1.596358",
)
CHOW_1970 = Reference(
    text="C. K. Chow (1970). On optimum recognition error and reject tradeoff. IEEE Transactions on Information "
    "Theory 16.",
    url="https://doi.org/10.1109/TIT.1970.1054406",
)
COX_1958 = Reference(
    text="D. R. Cox (1958). Two further applications of a model for binary regression. Biometrika 45.",
    url="https://doi.org/10.1093/biomet/45.3-4.562",
)
DIMITRIADIS_2021 = Reference(
    text="T. Dimitriadis, T. Gneiting, A. I. Jordan (2021). Stable reliability diagrams for probabilistic "
    "classifiers. Proceedings of the National Academy of Sciences 118.",
    url="https://doi.org/10.1073/pnas.2016191118",
)
ELKAN_2001 = Reference(
    text="C. Elkan (2001). The foundations of cost-sensitive learning. International Joint Conference on "
    "Artificial Intelligence."
)
GEIFMAN_2017 = Reference(
    text="Y. Geifman, R. El-Yaniv (2017). Selective classification for deep neural networks. Advances in Neural "
    "Information Processing Systems 30.",
    url="https://arxiv.org/abs/1705.08500",
)
GOORBERGH_2022 = Reference(
    text="R. van den Goorbergh, M. van Smeden, D. Timmerman, B. Van Calster (2022). The harm of class imbalance "
    "corrections for risk prediction models. Journal of the American Medical Informatics Association 29.",
    url="https://doi.org/10.1093/jamia/ocac093",
)
HOLM_1979 = Reference(
    text="S. Holm (1979). A simple sequentially rejective multiple test procedure. Scandinavian Journal of "
    "Statistics 6."
)
INTHOUT_2014 = Reference(
    text="J. IntHout, J. P. A. Ioannidis, G. F. Borm (2014). The Hartung-Knapp-Sidik-Jonkman method for random effects "
    "meta-analysis is straightforward and considerably outperforms the standard DerSimonian-Laird method. BMC Medical "
    "Research Methodology 14.",
    url="https://doi.org/10.1186/1471-2288-14-25",
)
KING_2001 = Reference(
    text="G. King, L. Zeng (2001). Logistic regression in rare events data. Political Analysis 9.",
    url="https://doi.org/10.1093/oxfordjournals.pan.a004868",
)
MARSH_2020 = Reference(
    text="T. L. Marsh, H. Janes, M. S. Pepe (2020). Statistical inference for net benefit measures in biomarker "
    "validation studies. Biometrics 76.",
    url="https://doi.org/10.1111/biom.13190",
)
RILEY_2016 = Reference(
    text="R. D. Riley, J. Ensor, K. I. E. Snell, T. P. A. Debray, D. G. Altman, K. G. M. Moons, G. S. Collins (2016). "
    "External validation of clinical prediction models using big datasets from e-health records or IPD meta-analysis. "
    "BMJ 353.",
    url="https://doi.org/10.1136/bmj.i3140",
)
VAN_CALSTER_2016 = Reference(
    text="B. Van Calster, D. Nieboer, Y. Vergouwe, B. De Cock, M. J. Pencina, E. W. Steyerberg (2016). A "
    "calibration hierarchy for risk models was defined. Journal of Clinical Epidemiology 74.",
    url="https://doi.org/10.1016/j.jclinepi.2015.12.005",
)
VAN_HOORDE_2014 = Reference(
    text="K. Van Hoorde, Y. Vergouwe, D. Timmerman, S. Van Huffel, E. W. Steyerberg, B. Van Calster (2014). Assessing "
    "calibration of multinomial risk prediction models. Statistics in Medicine 33.",
    url="https://doi.org/10.1002/sim.6114",
)
VICKERS_2006 = Reference(
    text="A. J. Vickers, E. B. Elkin (2006). Decision curve analysis: a novel method for evaluating prediction models. "
    "Medical Decision Making 26.",
    url="https://doi.org/10.1177/0272989X06295361",
)
WHITE_1982 = Reference(
    text="H. White (1982). Maximum likelihood estimation of misspecified models. Econometrica 50.",
    url="https://doi.org/10.2307/1912526",
)
WIDMANN_2019 = Reference(
    text="D. Widmann, F. Lindsten, D. Zachariah (2019). Calibration tests in multi-class classification: a unifying "
    "framework. Advances in Neural Information Processing Systems 32.",
    url="https://arxiv.org/abs/1910.11385",
)

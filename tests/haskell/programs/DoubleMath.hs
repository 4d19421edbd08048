-- Many functions of libm to ten digits (the last bits may differ from one libm to another, those of sqrt
-- and rounding may not). Catches a function that is missing or wrong.
module Main (main) where

import Numeric

main :: IO ()
main = do
  mapM_ row [("sin", sin), ("cos", cos), ("tan", tan), ("asin", asin . (/ 100)), ("acos", acos . (/ 100)), ("atan", atan), ("sinh", sinh), ("cosh", cosh), ("tanh", tanh), ("asinh", asinh), ("acosh", acosh . (+ 1) . abs), ("atanh", atanh . (/ 100)), ("exp", exp), ("log", log . abs), ("log10", logBase 10 . abs), ("pow", (** 2.5) . abs), ("cbrt", (** (1 / 3)) . abs)]
  print (map sqrt [2, 3, 1e-10, 12345.678, 0 :: Double])
  putStrLn (unwords [showEFloat (Just 9) (atan2 y x) "" | y <- [-1, 0.5], x <- [-2, 0.25 :: Double]])
  print ([(truncate x, round x, ceiling x, floor x) | x <- [2.5, -2.5, 3.5, 0.49, -7.999 :: Double]] :: [(Int, Int, Int, Int)])
  print (map sqrt [2, 3, 5 :: Float], map (\x -> showEFloat (Just 5) (sin x) "") [0.5, 1.5 :: Float])
  where
    row :: (String, Double -> Double) -> IO ()
    row (name, f) = putStrLn (name ++ concat [' ' : showEFloat (Just 9) (f x) "" | x <- [0.1, 1.5, -2.75, 10]])

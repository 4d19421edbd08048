-- show of Doubles is the shortest that reads back, over the whole range. Catches a digit lost
-- in conversion (strtod, Integer arithmetic).
module Main (main) where

import Numeric

main :: IO ()
main = do
  mapM_ print xs
  print (all (\x -> read (show x) == x) xs)
  putStrLn (unwords [showFFloat (Just 3) x "" | x <- take 12 xs])
  putStrLn (unwords [showEFloat (Just 2) x "" | x <- xs])
  putStrLn (unwords [showGFloat (Just 4) x "" | x <- take 12 xs])
  print (map (read :: String -> Double) ["1", "1.5e10", "0.1e-3", "123456789012345678901234567890", "1e-400", "1e400"])
  print (0.1 + 0.2 :: Double, 1 / 3 :: Float, realToFrac (0.1 :: Float) :: Double)
  putStrLn (showHFloat (0.1 :: Double) "")
  where xs = [0, 0.1, 1, 1.5, 123.456, 1e7, 0.1 * 3, 9999999, 12345678.9, 1e-2, 2 / 3, 1e21, 5.0e-324, 1.7976931348623157e308, 2.2250738585072014e-308, 4.35, 9007199254740993, -0.0, -1e-5] :: [Double]

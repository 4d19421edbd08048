-- Text.Printf: widths, signs, bases, precision, strings and wrong formats. Catches formatting
-- of floating point.
module Main (main) where

import Control.Exception
import Text.Printf

main :: IO ()
main = do
  printf "%d|%5d|%-5d|%05d|%+d|% d\n" (1 :: Int) (42 :: Int) (42 :: Int) (42 :: Int) (42 :: Int) (42 :: Int)
  printf "%x|%X|%#x|%o|%b|%c|%%\n" (255 :: Int) (255 :: Int) (255 :: Int) (8 :: Int) (5 :: Int) 'z'
  printf "%f|%.2f|%8.3f|%-8.1f|%e|%.3e|%g|%g\n" (3.14159 :: Double) (2.675 :: Double) (-1.5 :: Double) (2.25 :: Double) (12345.678 :: Double) (0.00012 :: Double) (1e10 :: Double) (0.5 :: Double)
  printf "%s|%10s|%-10s|%.3s|%v\n" "abc" "right" "left" "truncated" (7 :: Int)
  printf "%*d|%-*d|\n" (6 :: Int) (12 :: Int) (6 :: Int) (12 :: Int)
  putStrLn (printf "%d %s" (10 ^ (30 :: Int) :: Integer) (show [1 :: Int, 2]))
  r <- try (evaluate (length (printf "%d" "no number" :: String)))
  putStrLn (either (\e -> takeWhile (/= '\n') (show (e :: ErrorCall))) show r)
  r2 <- try (evaluate (length (printf "%d %d" (1 :: Int) :: String)))
  putStrLn (either (\e -> takeWhile (/= '\n') (show (e :: ErrorCall))) show r2)
  hPrintf' "done\n"
  where hPrintf' = printf :: String -> IO ()

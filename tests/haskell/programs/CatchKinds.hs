{-# LANGUAGE ScopedTypeVariables #-}
-- Handlers are chosen by type; hierarchies, catches, handleJust and pattern failures work.
-- Catches exceptions that reach the wrong handler.
module Main (main) where

import Control.Exception
import Control.Monad
import Data.Maybe
import System.IO.Error

data Shape = Circle | Square deriving Show
instance Exception Shape where
  displayException s = "shape " ++ show s

partial :: Maybe Int -> Int
partial (Just n) = n
partial _ = error "partial"

main :: IO ()
main = do
  forM_ tests $ \t -> (t >> putStrLn "no exception") `catches` handlers
  r <- tryJust (guard . isUserError) (ioError (userError "mine"))
  print (r :: Either () ())
  n <- handleJust (\e -> if e == DivideByZero then Just 0 else Nothing) return (evaluate (5 `mod` (0 :: Int)))
  print n
  print (fmap displayException (fromException (toException Circle) :: Maybe Shape))
  where
    tests =
      [ throwIO Circle
      , void (evaluate (partial Nothing))
      , void (evaluate (head ([] :: [Int])))
      , void (evaluate (fromJust (Nothing :: Maybe Int)))
      , do { Just _ <- return (Nothing :: Maybe Int); return () }
      , void (evaluate (1 `div` (0 :: Int)))
      , throwIO (AssertionFailed "assertion")
      , throw Square
      , ioError (mkIOError doesNotExistErrorType "looking" Nothing (Just "thing"))
      , return () ]
    handlers =
      [ Handler (\(e :: ArithException) -> putStrLn ("arith: " ++ show e))
      , Handler (\(ErrorCall m) -> putStrLn ("error: " ++ takeWhile (/= '\n') m))
      , Handler (\(e :: IOException) -> putStrLn ("io: " ++ show e))
      , Handler (\(e :: Shape) -> putStrLn ("shape: " ++ show e))
      , Handler (\(e :: SomeException) -> putStrLn ("other: " ++ takeWhile (/= '\n') (show e))) ]
